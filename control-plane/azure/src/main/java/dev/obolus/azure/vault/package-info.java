// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * Azure Key Vault, as far as the log's keys need it: a secret is read, a key wraps and unwraps, its
 * versions are made and disabled. All of it blocks, none of it on an event loop. Implements the
 * log's port for key-encryption keys.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.azure.vault;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
