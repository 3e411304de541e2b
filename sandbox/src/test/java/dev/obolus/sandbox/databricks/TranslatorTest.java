// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.databricks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TranslatorTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '#',
      value = {
        "SELECT `ID` FROM main.sales.orders | SELECT \"id\" FROM \"main\".\"sales\".\"orders\"",
        "select 'it\\'s' | SELECT 'it''s'::text",
        "SELECT \"text\" | SELECT 'text'::text",
        "SELECT a FROM t ORDER BY a | SELECT \"a\" FROM \"t\" ORDER BY \"a\" NULLS FIRST",
        "SELECT a FROM t ORDER BY a DESC, b LIMIT 3 | SELECT \"a\" FROM \"t\" ORDER BY \"a\" DESC NULLS LAST , \"b\" NULLS FIRST LIMIT 3",
        "SELECT a FROM (SELECT a FROM t ORDER BY a) AS t | SELECT \"a\" FROM ( SELECT \"a\" FROM \"t\" ORDER BY \"a\" NULLS FIRST ) AS \"t\"",
        "SELECT CAST(a AS DECIMAL(12,2)) FROM t | SELECT CAST( \"a\" AS numeric(12,2)) FROM \"t\"",
        "SELECT concat(repeat('*', length(a) - 3), right(a, 3)) FROM t | SELECT spark.concat ( spark.repeat ( '*'::text , spark.length ( \"a\" ) - 3 ) , spark.\"right\" ( \"a\" , 3 ) ) FROM \"t\"",
      })
  void whatItKnowsMeansTheSame(String databricks, String postgres) {
    assertThat(Translator.translate(databricks, Map.of()).sql()).isEqualTo(postgres);
  }

  @Test
  void parametersAreBoundWithTheirTypeAndNeverWritten() {
    var translated =
        Translator.translate(
            "SELECT a FROM t WHERE a = :p0",
            Map.of("p0", new Translator.Parameter("'; DROP TABLE t", "BIGINT")));
    assertThat(translated.sql()).endsWith("= CAST(? AS bigint)");
    assertThat(translated.parameters()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1; DELETE FROM main.sales.orders",
        "SELECT a / b FROM t",
        "SELECT a[0] FROM t",
        "SELECT 'unfinished",
        "SELECT `unfinished",
        "SELECT /*+ BROADCAST(t) */ a FROM t",
        "SELECT 'a' 'b'' FROM t",
        "SELECT )",
        "",
      })
  void whatItDoesNotKnowIsASyntaxError(String statement) {
    assertThatThrownBy(() -> Translator.translate(statement, Map.of()))
        .isInstanceOfSatisfying(
            SqlFailure.class, e -> assertThat(e.condition()).isEqualTo("PARSE_SYNTAX_ERROR"));
  }

  @Test
  void anUnknownFunctionIsNotTried() {
    assertThatThrownBy(() -> Translator.translate("SELECT pg_sleep(9)", Map.of()))
        .hasMessageContaining("PARSE_SYNTAX_ERROR");
  }
}
