// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * The stand-in Entra over HTTP: metadata and keys, sign-in pages, device codes, and the token
 * endpoint, whose assertions and client proofs are truly checked. Imports the directory, the tokens
 * and the rules.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.sandbox.entra.endpoint;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
