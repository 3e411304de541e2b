// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * The operator's window: reads the log through a read-only database role, acts only through the
 * gateways' operator API as the signed-in operator, and holds no key of the chain. Here: the
 * application, its settings and its wiring to the log.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.console;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
