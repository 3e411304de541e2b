// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * The author's loop: a folder of Rego and one of facts are watched, checked, tested, compiled,
 * warmed up and swapped in; the host hears of each outcome through a port.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.policy.lifecycle;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
