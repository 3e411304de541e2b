// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * What goes into an evaluation and what comes out, as JSON and as types: the input, the decision
 * document, the facts, the reason catalogue, and how several judgements become one. Pure; imports
 * {@code terms} and Jackson.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.policy.document;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
