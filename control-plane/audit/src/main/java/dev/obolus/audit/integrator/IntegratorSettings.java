// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.tree.SigningKey;
import java.time.Duration;
import java.util.List;

/**
 * How a tree is made and signed.
 *
 * @param key signs; its name is the log's origin
 * @param roots the root keys under which records may have been sealed
 * @param revoked ids of the root keys that the log's owner revokes: no chain may revoke another
 * @param every how long a record waits for a checkpoint at most, while all is well
 * @param beat how long silence lasts before it is signed
 */
public record IntegratorSettings(
    SigningKey key, List<RootKey> roots, List<String> revoked, Duration every, Duration beat) {
  public IntegratorSettings {
    roots = List.copyOf(roots);
    revoked = List.copyOf(revoked);
    if (every.isNegative() || every.isZero() || beat.compareTo(every) < 0) {
      throw new IllegalArgumentException("a checkpoint's interval is wanted, and a longer beat");
    }
  }

  /** Where no root key is revoked. */
  public IntegratorSettings(SigningKey key, List<RootKey> roots, Duration every, Duration beat) {
    this(key, roots, List.of(), every, beat);
  }

  /** Every second under traffic, every minute without. */
  public static IntegratorSettings defaults(SigningKey key, Keyring keys) {
    return new IntegratorSettings(
        key, keys.all(), keys.revoked(), Duration.ofSeconds(1), Duration.ofMinutes(1));
  }
}
