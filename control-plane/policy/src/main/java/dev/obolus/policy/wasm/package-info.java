// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * The default engine: a module that {@code opa} compiled to WebAssembly, turned into JVM bytecode
 * by Chicory's compiler and evaluated on the caller's own thread. A binding of our own for OPA's
 * ABI 1.3.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.policy.wasm;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
