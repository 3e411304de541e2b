// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * Those who remember a checkpoint that the log's owner cannot take back: witnesses (C2SP
 * tlog-witness, both sides of it), write-once copies, time-stamping authorities (RFC 3161). Imports
 * {@code dev.obolus.audit.tree} and, for proofs that others made, {@code dev.obolus.audit.fsck}.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.audit.witness;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
