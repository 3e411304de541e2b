// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * How a record of the log is read: one line of it, the filter's grammar, pages of it from the
 * store. Imports the audit module's reading half, nothing of the web.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.console.reading;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
