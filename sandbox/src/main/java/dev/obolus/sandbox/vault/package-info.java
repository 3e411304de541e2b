// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * A stand-in for Azure Key Vault: one vault with secrets and RSA keys that really wrap, their
 * versions, and applications that may use it. Knows tokens by a function that it is given.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.sandbox.vault;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
