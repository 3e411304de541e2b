// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.connector.AuthorizedRequest.Correlation;
import dev.obolus.connector.Connector;
import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.ConnectorResult.Failed;
import dev.obolus.connector.ConnectorResult.Rows;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.Planning.Planned;
import dev.obolus.connector.conformance.Authorizations;
import dev.obolus.connector.conformance.PersonsAccess;
import dev.obolus.connector.conformance.SourceStub;
import dev.obolus.connector.conformance.SourceStub.Received;
import dev.obolus.connector.conformance.SourceStub.Reply;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How many pages of groups become one list, and where Graph is in each cloud. */
class GraphConnectorTest {
  private static final DataRequest.Limits ROOMY = new DataRequest.Limits(1_000, 1_000_000);
  private static final String SCOPE = "graph/User.Read";
  private static final URI PUBLIC = URI.create("https://login.microsoftonline.com");
  private final SourceStub graph = SourceStub.start(_ -> Reply.json(200, "{\"value\":[]}"));

  @AfterEach
  void stop() {
    graph.close();
  }

  @Test
  void oneAsksForOnesOwnSecurityGroupsAndNothingElse() {
    assertThat(rows(ROOMY).rows()).isEmpty();
    Received sent = graph.received().getFirst();
    assertThat(sent.method() + " " + sent.path()).isEqualTo("POST /v1.0/me/getMemberObjects");
    assertThat(sent.body()).isEqualTo("{\"securityEnabledOnly\":true}");
    assertThat(sent.header("client-request-id")).isEqualTo("call-1");
  }

  @Test
  void pagesAreFollowedToTheLast() {
    graph.script(request ->
        switch (request.method() + " " + request.path()) {
          case "POST /v1.0/me/getMemberObjects" -> page("/v1.0/page2", "a", "b");
          case "GET /v1.0/page2" -> page("/v1.0/page3", "c");
          case "GET /v1.0/page3" -> Reply.json(200, "{\"value\":[\"d\"]}");
          default -> Reply.json(404, "{}");
        });
    Rows rows = rows(ROOMY);
    assertThat(rows.rows())
        .isEqualTo(List.of(List.of("a"), List.of("b"), List.of("c"), List.of("d")));
    assertThat(rows.truncated()).isFalse();
    assertThat(graph.received())
        .hasSize(3)
        .allSatisfy(sent ->
            assertThat(sent.header("Authorization"))
                .isEqualTo(new PersonsAccess("alice").authorization(1)));
  }

  @Test
  void noPageIsFetchedThatWouldNotFit() {
    graph.script(_ -> page("/v1.0/page2", "a", "b", "c"));
    Rows rows = rows(new DataRequest.Limits(2, 1_000));
    assertThat(rows.rows()).hasSize(2);
    assertThat(rows.truncated()).isTrue();
    assertThat(graph.received()).hasSize(1);
  }

  @Test
  void pagesWithoutEndAreGivenUp() {
    var number = new AtomicInteger();
    graph.script(_ -> page("/v1.0/page" + number.incrementAndGet(), "a"));
    assertThat(failure()).isEqualTo(new ConnectorFailure.TooLarge("pages"));
    assertThat(graph.received()).hasSize(32);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1.evil.example/v1.0/page2",
        "http://127.0.0.1@evil.example/v1.0/page2",
        "//evil.example/v1.0/page2",
        "/v1.0/page2",
        "SELF/beta/page2",
        "SELF/v1.0/page 2"
      })
  void aNextPageElsewhereIsNoPage(String link) {
    graph.script(_ -> answer(link.replace("SELF", graph.uri().toString()), "a"));
    assertThat(failure()).isEqualTo(new ConnectorFailure.Malformed("next_link"));
    assertThat(graph.received()).hasSize(1);
  }

  @Test
  void anIdIsAText() {
    for (String id : List.of("7", "null", "{}", "\"\"", "\"a b\"", "\"" + "a".repeat(65) + "\"")) {
      graph.script(_ -> Reply.json(200, "{\"value\":[" + id + "]}"));
      assertThat(failure()).as(id).isEqualTo(new ConnectorFailure.Malformed("id"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "https://login.microsoftonline.com, https://graph.microsoft.com",
    "https://login.microsoftonline.us, https://graph.microsoft.us",
    "https://login.partner.microsoftonline.cn, https://microsoftgraph.chinacloudapi.cn"
  })
  void eachCloudHasItsOwnGraph(URI authority, String host) {
    assertThat(new GraphProperties(null, SCOPE).host(authority)).isEqualTo(host);
  }

  @Test
  void ofAnAuthorityOfNoCloudTheHostIsToBeGiven() {
    URI own = URI.create("http://127.0.0.1:8082");
    assertThatThrownBy(() -> connector(new GraphProperties(null, SCOPE), own))
        .hasMessageContaining("host is missing");
    assertThatThrownBy(() -> connector(new GraphProperties("http://graph.example", SCOPE), own))
        .hasMessageContaining("plain http");
    assertThat(connector(new GraphProperties("http://127.0.0.1:8082", SCOPE), own).memberships())
        .isPresent();
  }

  private static Connector connector(GraphProperties properties, URI authority) {
    return GraphConnector.of(new ConnectorId("directory"), properties, authority, List.of());
  }

  private Reply page(String next, String... ids) {
    return answer(graph.uri() + next, ids);
  }

  private static Reply answer(String next, String... ids) {
    return Reply.json(
        200,
        "{\"@odata.nextLink\":\"%s\",\"value\":[\"%s\"]}"
            .formatted(next, String.join("\",\"", ids)));
  }

  private Rows rows(DataRequest.Limits limits) {
    return (Rows) result(limits);
  }

  private ConnectorFailure failure() {
    return ((Failed) result(ROOMY)).failure();
  }

  private ConnectorResult result(DataRequest.Limits limits) {
    Connector connector = connector(new GraphProperties(graph.uri().toString(), SCOPE), PUBLIC);
    var request =
        new DataRequest(connector.id(), connector.operations().getFirst(), Map.of(), limits);
    var authorized =
        Authorizations.issue(
            ((Planned) connector.plan(request)).plan(),
            List.of(),
            limits,
            new Correlation("call-1", "0af7651916cd43dd8448eb211c80319c"),
            Duration.ofSeconds(30));
    return Objects.requireNonNull(
        connector.execute(authorized, new PersonsAccess("alice")).block(Duration.ofSeconds(30)));
  }
}
