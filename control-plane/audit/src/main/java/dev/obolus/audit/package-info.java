// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * The audit log: what happened, sealed before anybody is answered. A library that knows nothing of
 * gateways; it imports Reactor and no other part of Obolus.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.audit;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
