// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.tree.SigningKey;
import java.time.Duration;
import java.util.List;

/**
 * How a tree is made and signed.
 *
 * @param key signs; its name is the log's origin
 * @param roots the root keys under which records may have been sealed
 * @param every how long a record waits for a checkpoint at most, while all is well
 * @param beat how long silence lasts before it is signed
 */
public record IntegratorSettings(
    SigningKey key, List<RootKey> roots, Duration every, Duration beat) {
  public IntegratorSettings {
    roots = List.copyOf(roots);
    if (every.isNegative() || every.isZero() || beat.compareTo(every) < 0) {
      throw new IllegalArgumentException("a checkpoint's interval is wanted, and a longer beat");
    }
  }

  /** Every second under traffic, every minute without. */
  public static IntegratorSettings defaults(SigningKey key, List<RootKey> roots) {
    return new IntegratorSettings(key, roots, Duration.ofSeconds(1), Duration.ofMinutes(1));
  }
}
