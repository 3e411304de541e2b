// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * {@code obolus doctor}: looks at a configuration and at all that it names, from the outside in,
 * and says what to mend. Nothing is written anywhere, no request is served, and the audit log is
 * not opened.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.gateway.doctor;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
