// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.connector.AuthorizedRequest;
import dev.obolus.connector.Connector;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.Operation;
import dev.obolus.connector.Planning;
import dev.obolus.terms.ActionClass;
import dev.obolus.terms.Lane;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

final class ConnectorCatalogueTest {
  @Test
  void whatIsListedIsFoundByItsNames() {
    var catalogue = new ConnectorCatalogue(List.of(connector("a", operation("query"))));

    assertThat(catalogue.find("a").orElseThrow().find("query")).isPresent();
    assertThat(catalogue.find("a").orElseThrow().find("sql")).isEmpty();
    assertThat(catalogue.find("b")).isEmpty();
    assertThat(catalogue.entries()).hasSize(1);
  }

  @Test
  void twoThingsOfOneNameStopTheStart() {
    refuses("two connectors are called a", connector("a"), connector("a"));
    refuses(
        "a has two operations called query",
        connector("a", operation("query"), operation("query")));
    refuses(
        "a/query has two arguments called table",
        connector("a", operation("query", "table", "table")));
  }

  private static void refuses(String sentence, Connector... connectors) {
    assertThatThrownBy(() -> new ConnectorCatalogue(List.of(connectors)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(sentence);
  }

  private static Operation operation(String name, String... arguments) {
    return new Operation(
        name,
        "t",
        "d",
        ActionClass.READ,
        Lane.OBO,
        Arrays.stream(arguments)
            .map(a -> new Operation.Argument(a, Operation.Type.TEXT, true, 1, "d"))
            .toList(),
        Set.of());
  }

  private static Connector connector(String id, Operation... operations) {
    return new Connector() {
      @Override
      public ConnectorId id() {
        return new ConnectorId(id);
      }

      @Override
      public List<Operation> operations() {
        return List.of(operations);
      }

      @Override
      public Planning plan(DataRequest request) {
        throw new AssertionError("not planned");
      }

      @Override
      public Mono<ConnectorResult> execute(AuthorizedRequest request, DelegatedAccess access) {
        throw new AssertionError("not executed");
      }
    };
  }
}
