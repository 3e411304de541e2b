// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditLog.LogUnavailable;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.personal.Subject;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * By what a subject's keys are found: under the root key in use, and under those before it. Where
 * the root is held elsewhere they are learnt with the first chain's key; until then nobody is found
 * and {@link LogUnavailable} says so.
 */
final class Handles {
  private volatile List<UnaryOperator<Bytes>> byRoot;

  private Handles(List<UnaryOperator<Bytes>> byRoot) {
    this.byRoot = byRoot;
  }

  static Handles of(Keyring keyring) {
    return new Handles(keyring.all().stream().map(RootKey::handles).toList());
  }

  static Handles unknown() {
    return new Handles(List.of());
  }

  void learn(List<UnaryOperator<Bytes>> newest) {
    byRoot = List.copyOf(newest);
  }

  /** Under which new keys are kept. */
  Bytes newest(Subject subject) {
    return known().getFirst().apply(subject.bytes());
  }

  /** The newest first. */
  List<Bytes> all(Subject subject) {
    return known().stream().map(handle -> handle.apply(subject.bytes())).toList();
  }

  private List<UnaryOperator<Bytes>> known() {
    List<UnaryOperator<Bytes>> all = byRoot;
    if (all.isEmpty()) {
      throw new LogUnavailable(LogUnavailable.Cause.DATABASE);
    }
    return all;
  }
}
