// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import dev.obolus.gateway.testing.FrontDoors;
import dev.obolus.gateway.testing.TestIssuer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

class HealthTest extends SliceTest {
  @Autowired FrontDoors.Switch fitness;

  @AfterEach
  void fitAgain() {
    fitness.on = true;
  }

  @Test
  void readinessFollowsFitnessAndRecoversByItself() {
    expect("/actuator/health/readiness", 200);
    fitness.on = false;
    expect("/actuator/health/readiness", 503);
    fitness.on = true;
    expect("/actuator/health/readiness", 200);
  }

  @Test
  void theRestOfTheActuatorIsNotThere() {
    for (String path :
        List.of(
            "/actuator",
            "/actuator/health",
            "/actuator/health/liveness",
            "/actuator/env",
            "/actuator/metrics",
            "/actuator/prometheus")) {
      expect(path, 401);
      client()
          .get()
          .uri(path)
          .header("Authorization", "Bearer " + ISSUER.token(TestIssuer.ALICE))
          .exchange()
          .expectStatus()
          .isNotFound();
    }
  }

  private void expect(String path, int status) {
    client().get().uri(path).exchange().expectStatus().isEqualTo(status);
  }
}
