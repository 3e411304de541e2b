// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Which credential is in use; down while none is taken. */
final class CredentialHealth implements HealthIndicator {
  private final Credentials credentials;

  CredentialHealth(Credentials credentials) {
    this.credentials = credentials;
  }

  @Override
  public Health health() {
    String state = credentials.state();
    return (state.equals("none") ? Health.down() : Health.up())
        .withDetail("credential", state)
        .build();
  }
}
