// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/** Tests of the engine with the compiled policies; beside the engine, to see its raw results. */
@NullMarked
package dev.obolus.policy.wasm;

import org.jspecify.annotations.NullMarked;
