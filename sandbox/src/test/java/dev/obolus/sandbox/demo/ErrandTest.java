// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ErrandTest {
  @Test
  void everyErrandIsARequestThatTheGatewayCouldRead() {
    for (Errand errand : Errand.round()) {
      JsonNode body = JsonMapper.builder().build().readTree(errand.body());
      assertThat(body.path("connector").asString()).isEqualTo("databricks-sales");
      assertThat(body.path("operation").asString()).isIn("query", "sql");
      assertThat(body.path("arguments").isObject()).isTrue();
    }
  }

  @Test
  void theFiveMainJobsComeWithinTheFirstSevenErrands() {
    assertThat(Errand.round().subList(0, 7))
        .extracting(errand -> errand.who() + ": " + errand.what())
        .containsSubsequence(
            "alice: the newest orders",
            "bob: the same orders",
            "alice: SELECT 1; DELETE FROM main.sales.orders",
            "alice: the forecast",
            "nightly-job: orders, for no person");
  }
}
