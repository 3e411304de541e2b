// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.readiness;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Prints the sentences, and no trace. */
final class UnsafeSettingsAnalyzer extends AbstractFailureAnalyzer<UnsafeSettings> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, UnsafeSettings cause) {
    return new FailureAnalysis(
        "The gateway does not start on unsafe settings:\n- "
            + String.join("\n- ", cause.sentences()),
        "Correct each of them, then start again.",
        cause);
  }
}
