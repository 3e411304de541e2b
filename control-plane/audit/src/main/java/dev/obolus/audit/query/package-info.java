// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * What can be asked of the log: one grammar, read once, answered in two ways that agree, by the
 * store and by looking at a record. Pure Java; imports the log's own words and the chain's reader.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.audit.query;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
