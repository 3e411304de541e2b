// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.databricks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.connector.Connector;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.Planning;
import dev.obolus.connector.SourceHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.io.ByteArrayResource;

class ConfigurationTest {
  private static final String DEMO =
      """
      obolus:
        connectors:
          databricks-sales:
            type: databricks
            host: http://127.0.0.1:8082
            warehouse-id: demo
            tables:
              - name: main.sales.orders
                columns:
                  - order_id bigint
                  - ordered_at timestamp
                  - amount decimal(12, 2)
          other:
            type: somebody-elses
            host: https://example.org
      """;

  @Test
  void eachConfiguredIdIsAConnector() throws IOException {
    try (var context = context(DEMO)) {
      Map<String, Connector> connectors = context.getBeansOfType(Connector.class);
      assertThat(connectors).containsOnlyKeys("connector.databricks-sales");
      Connector connector = connectors.values().iterator().next();
      assertThat(connector.id()).isEqualTo(new ConnectorId("databricks-sales"));
      var request =
          new DataRequest(
              connector.id(),
              connector.operations().getFirst(),
              Map.of("table", "main.sales.orders"),
              new DataRequest.Limits(10, 1000));
      var plan = ((Planning.Planned) connector.plan(request)).plan();
      assertThat(plan.resources().getFirst().columns())
          .containsExactlyInAnyOrder("order_id", "ordered_at", "amount");
    }
  }

  @Test
  void aMissingPropertyIsNamed() {
    assertThatThrownBy(() -> context(DEMO.replace("warehouse-id: demo", "")).close())
        .hasStackTraceContaining("obolus.connectors.databricks-sales: warehouse-id is missing");
    assertThatThrownBy(() -> context(DEMO.replace("bigint", "")).close())
        .hasStackTraceContaining("a column is given once, as name and type: order_id");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://adb-1.azuredatabricks.net",
        "http://127.0.0.1.evil.example",
        "https://user@adb-1.azuredatabricks.net",
        "https://adb-1.azuredatabricks.net/path",
        "ftp://adb-1.azuredatabricks.net",
        "https://adb-1.azuredatabricks.net?x=1"
      })
  void anUnsafeHostStopsTheStart(String host) {
    assertThatThrownBy(() -> SourceHost.of(host, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void plainHttpReachesLoopbackAndNamedHostsOnly() {
    assertThat(SourceHost.of("http://localhost:8082", List.of()).isTls()).isFalse();
    assertThat(SourceHost.of("http://sandbox:8082", List.of("sandbox")).isTls()).isFalse();
    assertThat(SourceHost.of("adb-1.azuredatabricks.net", List.of()).base())
        .hasToString("https://adb-1.azuredatabricks.net");
  }

  @Test
  void aNameThatLeadsToTheMachinesMetadataIsNotConnectedTo() throws IOException {
    SourceHost workspace = SourceHost.of("adb-1.azuredatabricks.net", List.of());
    var metadata = address("169.254.169.254");
    var loopback = address("127.0.0.1");
    var outside = address("20.1.2.3");
    assertThat(workspace.permitted(List.of(metadata, loopback, outside)))
        .isEqualTo(List.of(outside));
  }

  private static java.net.InetSocketAddress address(String ip) throws IOException {
    return new java.net.InetSocketAddress(java.net.InetAddress.getByName(ip), 443);
  }

  private static AnnotationConfigApplicationContext context(String yaml) throws IOException {
    var context = new AnnotationConfigApplicationContext();
    new YamlPropertySourceLoader()
        .load("test", new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8)))
        .forEach(context.getEnvironment().getPropertySources()::addLast);
    context.register(DatabricksAutoConfiguration.class);
    context.refresh();
    return context;
  }
}
