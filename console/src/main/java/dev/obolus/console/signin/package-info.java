// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * Who is looking: sign-in by OpenID Connect, the session, roles and their end. Imports web and
 * operator.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.console.signin;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
