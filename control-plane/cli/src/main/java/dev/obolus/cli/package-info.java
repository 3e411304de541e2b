// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * The command line that needs no gateway: verifying the log, migrating a database, checking
 * policies. Thin: each command reads its options, calls a library and says the answer in words.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.cli;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
