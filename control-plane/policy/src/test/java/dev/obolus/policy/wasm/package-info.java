// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/** Tests of the engine in this JVM. */
@NullMarked
package dev.obolus.policy.wasm;

import org.jspecify.annotations.NullMarked;
