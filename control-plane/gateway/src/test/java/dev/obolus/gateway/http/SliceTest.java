// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.gateway.testing.FrontDoors;
import dev.obolus.gateway.testing.TestIssuer;
import dev.obolus.gateway.testing.TestLog;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.MediaType;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.reactive.server.WebTestClient;

/** A running front door with an issuer beside it. */
@SpringBootTest(classes = FrontDoors.class, webEnvironment = WebEnvironment.RANDOM_PORT)
abstract class SliceTest {
  static final TestIssuer ISSUER = new TestIssuer();
  static final String GOOD_BODY =
      """
      {"connector":"databricks-sales","operation":"sql","purpose":"quarterly-report",
       "arguments":{"statement":"SELECT 1"}}
      """;

  @Autowired FrontDoors.TestMediator mediator;
  @Autowired FrontDoors.TestReader reader;
  @Autowired FrontDoors.TestVerification verification;
  @Autowired TestLog log;
  @Autowired Rejections rejections;
  @LocalServerPort int port;

  @DynamicPropertySource
  static void settings(DynamicPropertyRegistry registry) {
    registry.add("obolus.identity.authority", ISSUER::authority);
    registry.add("obolus.identity.issuer", () -> TestIssuer.ISSUER);
    registry.add(
        "obolus.identity.tenants", () -> TestIssuer.TENANT + "," + TestIssuer.OTHER_TENANT);
    registry.add("obolus.identity.audiences", () -> TestIssuer.GATEWAY);
    registry.add("obolus.operator.audience", () -> TestIssuer.OPERATOR);
    registry.add("obolus.operator.clients", () -> TestIssuer.CONSOLE);
    registry.add(
        "obolus.operator.tenants", () -> TestIssuer.TENANT + "," + TestIssuer.THIRD_TENANT);
    registry.add(
        "obolus.operator.data-tenants." + TestIssuer.THIRD_TENANT, () -> TestIssuer.OTHER_TENANT);
    registry.add("obolus.limits.rejections", () -> "1h");
  }

  @BeforeEach
  void forget() {
    Map<String, Long> earlier = sealCounts();
    assertThat(earlier).isNotNull();
    log.clear();
    verification.firstBad = Optional.empty();
    verification.keyed = true;
    reader.places.clear();
    mediator.asks.clear();
    mediator.callers.clear();
    mediator.behaviour = (_, _) -> FrontDoors.TestMediator.answer();
  }

  Map<String, Long> sealCounts() {
    return rejections.seal().thenReturn(true).blockOptional().isPresent()
        ? FrontDoors.rejected(log.events())
        : Map.of();
  }

  WebTestClient client() {
    return WebTestClient.bindToServer()
        .baseUrl("http://127.0.0.1:" + port)
        .responseTimeout(Duration.ofSeconds(30))
        .build();
  }

  WebTestClient.ResponseSpec post(String token, String body) {
    return client()
        .post()
        .uri("/v1/requests")
        .contentType(MediaType.APPLICATION_JSON)
        .header("Authorization", "Bearer " + token)
        .bodyValue(body)
        .exchange();
  }
}
