// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * What a test or a person at the page makes the stand-in Entra do: Conditional Access, refusals and
 * failures, each a rule that says when it holds and what happens then. Imports the directory only.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.sandbox.entra.rules;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
