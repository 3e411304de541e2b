// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import java.util.Map;

/** What the gateway says of itself, without asking anybody. */
@FunctionalInterface
public interface GatewayStatus {

  /**
   * {@code environment}, {@code chain}, {@code checkpoints} (a sentence), {@code revision}, {@code
   * policy_ready}, {@code version}, {@code reasons} (the text of each reason code of the active
   * revision and of our own).
   */
  Map<String, Object> now();
}
