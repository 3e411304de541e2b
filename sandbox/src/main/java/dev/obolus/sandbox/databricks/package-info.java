// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * A stand-in for Databricks' SQL Statement Execution API: it checks the token it is given and runs
 * the statement on PostgreSQL as that person, with that person's own grants. What its translator
 * does not know fails, as at Databricks, with {@code PARSE_SYNTAX_ERROR}.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.sandbox.databricks;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
