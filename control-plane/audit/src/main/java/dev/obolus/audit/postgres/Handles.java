// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.personal.Subject;
import java.util.List;
import java.util.function.UnaryOperator;

/** By what a subject's keys are found: under the root key in use, and under those before it. */
final class Handles {
  private final List<UnaryOperator<Bytes>> byRoot;

  Handles(Keyring keyring) {
    this.byRoot = keyring.all().stream().map(RootKey::handles).toList();
  }

  /** Under which new keys are kept. */
  Bytes newest(Subject subject) {
    return byRoot.getFirst().apply(subject.bytes());
  }

  /** The newest first. */
  List<Bytes> all(Subject subject) {
    return byRoot.stream().map(handle -> handle.apply(subject.bytes())).toList();
  }
}
