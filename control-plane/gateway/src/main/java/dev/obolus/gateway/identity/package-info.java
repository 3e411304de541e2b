// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/** A verified token becomes a {@link dev.obolus.gateway.identity.Caller}. */
@NullMarked
@CheckReturnValue
package dev.obolus.gateway.identity;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
