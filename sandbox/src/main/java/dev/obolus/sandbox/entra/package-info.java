// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * A stand-in for Microsoft Entra ID: tenants, applications and users, what is changed about them,
 * and real RS256 tokens of both versions. Imports nothing of its own sub-packages.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.sandbox.entra;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
