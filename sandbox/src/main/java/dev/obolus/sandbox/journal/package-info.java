// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/** What came to the sandbox: whose token, which call, and how it was answered. */
@NullMarked
@CheckReturnValue
package dev.obolus.sandbox.journal;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
