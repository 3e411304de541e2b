// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/** The order of steps of one request, and the only mappings to policy inputs and audit events. */
@NullMarked
@CheckReturnValue
package dev.obolus.gateway.mediation;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
