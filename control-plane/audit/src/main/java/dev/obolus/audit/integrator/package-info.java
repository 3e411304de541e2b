// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * Makes one Merkle log of all chains and signs it: one integrator at a time among gateways, on a
 * thread and a JDBC connection of its own, so that neither a request nor an event loop ever waits
 * for a signature. Imports {@code dev.obolus.audit.chain}, {@code dev.obolus.audit.tree} and, of
 * {@code dev.obolus.audit.postgres}, what makes a database safe.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.audit.integrator;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
