// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * The contract between the request path and the data planes. A connector plans a request without
 * touching anything, and executes only an {@link dev.obolus.connector.AuthorizedRequest}. Imports
 * {@code terms} and Reactor.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.connector;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
