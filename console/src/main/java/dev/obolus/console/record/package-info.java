// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * The page of one record: who, through which agent, asked what, why it was decided, what happened,
 * and the proof. Imports reading, web, signin and operator.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.console.record;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
