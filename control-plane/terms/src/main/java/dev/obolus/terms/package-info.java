// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * The shared words: values that policy, connectors and the gateway mean the same thing by. Imports
 * nothing but the JDK.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.terms;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
