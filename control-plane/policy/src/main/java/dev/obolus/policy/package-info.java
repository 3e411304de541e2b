// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * The policy engine: a typed input goes in, a {@link dev.obolus.policy.Decision} comes out, and
 * every way of not knowing is a denial. Imports {@code terms}, Reactor and Jackson.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.policy;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
