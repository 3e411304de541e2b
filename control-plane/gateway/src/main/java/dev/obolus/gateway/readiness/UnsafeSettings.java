// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.readiness;

import java.util.List;

/** Why the gateway does not start: every reason, each a sentence. */
public final class UnsafeSettings extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient List<String> sentences;

  UnsafeSettings(List<String> sentences) {
    super(String.join(" ", sentences), null, false, false);
    this.sentences = List.copyOf(sentences);
  }

  public List<String> sentences() {
    return sentences;
  }
}
