// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

/**
 * The effective environment.
 *
 * @param name as records, answers and policy see it
 * @param demo the sandbox's issuer is trusted: anybody may be anybody
 */
public record Deployment(String name, boolean demo) {
  static final String DEMO = "demo";

  static Deployment of(String configured, boolean sandbox) {
    return sandbox ? new Deployment(DEMO, true) : new Deployment(configured, false);
  }
}
