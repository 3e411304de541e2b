// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * The {@code opa} program: check, fmt, test, build and inspect, each run on a bounded number of
 * virtual threads; and the build that turns a folder of Rego into a compiled policy. Nothing of it
 * is needed to evaluate.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.policy.opa;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
