// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/** The gateway: wiring, and the one list of error codes. */
@NullMarked
@CheckReturnValue
package dev.obolus.gateway;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
