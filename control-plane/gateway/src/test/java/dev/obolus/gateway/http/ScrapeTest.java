// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.gateway.testing.TestIssuer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.reactive.server.WebTestClient;

/** With a management port of its own, numbers can be scraped there and nowhere else. */
@TestPropertySource(
    properties = {"management.server.port=0", "management.server.address=127.0.0.1"})
class ScrapeTest extends SliceTest {
  @LocalManagementPort int managementPort;

  @Test
  void requestsAreCountedByCodeForWhoeverScrapes() {
    post("no token", GOOD_BODY).expectStatus().isUnauthorized();
    byte[] scraped =
        management("/actuator/prometheus")
            .expectStatus()
            .isOk()
            .expectBody()
            .returnResult()
            .getResponseBody();
    assertThat(scraped).asString().contains("obolus_requests_total{code=").contains("jvm_memory");
  }

  @Test
  void readinessIsThereToo() {
    management("/actuator/health/readiness").expectStatus().isOk();
  }

  @Test
  void nothingElseIsOnThatPort() {
    for (String path : List.of("/actuator/env", "/actuator/metrics", "/v1/connectors", "/")) {
      management(path).expectStatus().value(status -> assertThat(status).isIn(401, 404));
    }
  }

  @Test
  void agentsPortTellsNoNumbers() {
    String[] tokens = {"", ISSUER.token(TestIssuer.ALICE)};
    for (String token : tokens) {
      client()
          .get()
          .uri("/actuator/prometheus")
          .header("Authorization", "Bearer " + token)
          .exchange()
          .expectStatus()
          .value(status -> assertThat(status).isIn(401, 404));
    }
  }

  private WebTestClient.ResponseSpec management(String path) {
    return WebTestClient.bindToServer()
        .baseUrl("http://127.0.0.1:" + managementPort)
        .responseTimeout(Duration.ofSeconds(30))
        .build()
        .get()
        .uri(path)
        .exchange();
  }
}
