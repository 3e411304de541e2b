// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.Planning;
import dev.obolus.connector.Planning.Planned;
import dev.obolus.connector.Planning.Unplannable;
import dev.obolus.terms.ActionClass;
import dev.obolus.terms.Obligation.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class StatementCorpusTest {
  private static final Pattern CHARACTER = Pattern.compile("\\\\u([0-9a-f]{4})");

  @TestFactory
  Stream<DynamicTest> eachStatementHasTheClassThatIsWanted() throws IOException {
    return corpus().stream()
        .map(line -> {
          String[] parts = line.split(" \\| ", 2);
          return DynamicTest.dynamicTest(
              line, () -> assertThat(verdict(statement(parts[1]))).isEqualTo(parts[0].strip()));
        });
  }

  @Test
  void theCorpusIsNotEmpty() throws IOException {
    assertThat(corpus()).hasSizeGreaterThan(60);
  }

  private static List<String> corpus() throws IOException {
    try (InputStream in = StatementCorpusTest.class.getResourceAsStream("statements.txt")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    }
  }

  private static String statement(String written) {
    Matcher characters = CHARACTER.matcher(written);
    return characters
        .replaceAll(c -> String.valueOf((char) Integer.parseInt(c.group(1), 16)))
        .replace("\\n", "\n")
        .replace("\\\\", "\\");
  }

  private static String verdict(String statement) {
    Planning planning =
        new StatementPlanner(Fixtures.CATALOGUE)
            .plan(
                new DataRequest(
                    new ConnectorId("databricks-sales"),
                    StatementPlanner.operation("sql"),
                    Map.of("statement", statement),
                    Fixtures.LIMITS));
    return switch (planning) {
      case Unplannable fault ->
          switch (fault.fault()) {
            case UNKNOWN_RESOURCE -> "unknown";
            case UNKNOWN_COLUMN -> "column";
            default -> "refused";
          };
      case Planned(var plan) when plan.actionClass() != ActionClass.READ -> {
        assertThat(plan.honours()).isEmpty();
        yield plan.actionClass().word();
      }
      case Planned(var plan) ->
          plan.honours().contains(Kind.ROW_FILTER)
              ? "filtered"
              : plan.honours().contains(Kind.COLUMN_MASK)
                  ? "masked"
                  : plan.honours().contains(Kind.MAX_ROWS) ? "limited" : "collected";
    };
  }
}
