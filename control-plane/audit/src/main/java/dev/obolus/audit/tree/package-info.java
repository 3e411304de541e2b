// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/**
 * One Merkle log over all chains: hashing as RFC 6962, tiles, checkpoints, signed notes,
 * cosignatures and proofs as C2SP writes them. Pure Java, no database, no network; imports
 * BouncyCastle for Ed25519. The verifier has all of this a second time and shares none of it.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.audit.tree;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
