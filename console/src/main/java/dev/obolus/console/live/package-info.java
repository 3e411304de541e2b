// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * The live audit page: the tail of the log, kept once for everybody, and its streams. Imports
 * reading, web, signin and operator.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.console.live;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
