// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * The offline world: a stand-in Entra and stand-in data planes for newcomers and tests. It shares
 * no code with the product.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.sandbox;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
