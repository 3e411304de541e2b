// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * What the gateway does in its own name in Azure: the log's keys from Key Vault. Its identity is
 * {@code obolus.azure}, never the one that exchanges persons' tokens.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.gateway.azure;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
