// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * A stand-in for Microsoft Entra ID: one tenant, a few applications and users, real RS256 tokens,
 * and on-behalf-of exchanges whose assertions are truly checked.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.sandbox.entra;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
