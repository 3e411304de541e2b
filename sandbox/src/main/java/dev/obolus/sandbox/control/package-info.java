// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * The sandbox's own door, {@code /sandbox/}: tokens, the journal, and what scripts the stand-in
 * Entra, over JSON and on one page. From this machine only.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.sandbox.control;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
