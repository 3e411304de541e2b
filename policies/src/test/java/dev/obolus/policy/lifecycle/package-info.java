// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/** Tests of the loop on the real sources. */
@NullMarked
package dev.obolus.policy.lifecycle;

import org.jspecify.annotations.NullMarked;
