// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * The operator API of the gateways, as the signed-in operator: the console's only way to act.
 * Imports nothing else of the console.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.console.operator;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
