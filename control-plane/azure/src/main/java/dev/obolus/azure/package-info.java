// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * Who Obolus itself is in Azure: tokens of its own for Key Vault and Azure Monitor, by msal4j. No
 * person's token passes here, and nothing here knows how persons' tokens are exchanged. Imports
 * neither Spring nor anything of ours.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.azure;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
