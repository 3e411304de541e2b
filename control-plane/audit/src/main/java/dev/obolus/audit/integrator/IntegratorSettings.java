// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * How a tree is made and signed.
 *
 * @param key signs; its name is the log's origin
 * @param earlier public keys of the same log that its newest checkpoint may be signed with where
 *     {@code key} is new; nothing is signed with them any more
 * @param roots the root keys under which records may have been sealed
 * @param revoked ids of the root keys that the log's owner revokes: no chain may revoke another
 * @param every how long a record waits for a checkpoint at most, while all is well
 * @param beat how long silence lasts before it is signed
 * @param requireStandby whether a synchronous standby must be configured
 */
public record IntegratorSettings(
    SigningKey key,
    List<NoteKey> earlier,
    List<RootKey> roots,
    List<String> revoked,
    Duration every,
    Duration beat,
    boolean requireStandby) {
  public IntegratorSettings {
    earlier = List.copyOf(earlier);
    roots = List.copyOf(roots);
    revoked = List.copyOf(revoked);
    if (every.isNegative() || every.isZero() || beat.compareTo(every) < 0) {
      throw new IllegalArgumentException("a checkpoint's interval is wanted, and a longer beat");
    }
    for (NoteKey before : earlier) {
      if (!before.name().equals(key.name())) {
        throw new IllegalArgumentException(
            "an earlier key of " + before.name() + ", and this log is " + key.name());
      }
    }
  }

  /** Where no root key is revoked, and the log was always signed with that key. */
  public IntegratorSettings(SigningKey key, List<RootKey> roots, Duration every, Duration beat) {
    this(key, List.of(), roots, List.of(), every, beat, false);
  }

  /** Every second under traffic, every minute without. */
  public static IntegratorSettings defaults(
      SigningKey key, List<NoteKey> earlier, Keyring keys, boolean requireStandby) {
    return new IntegratorSettings(
        key,
        earlier,
        keys.all(),
        keys.revoked(),
        Duration.ofSeconds(1),
        Duration.ofMinutes(1),
        requireStandby);
  }

  /** What the newest checkpoint may be signed with: the key in use, or an earlier one. */
  List<NoteKey> trusted() {
    return Stream.concat(key.logKeys().stream(), earlier.stream()).toList();
  }
}
