// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.databricks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.sandbox.SandboxDatabase;
import dev.obolus.sandbox.postgres.PostgresServer;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Databricks' meaning, on PostgreSQL: each expected value is what the Databricks docs say. */
class WarehouseTest {
  private static final Person READER =
      new Person("11111111-1111-4111-8111-111111111111", "application");
  private static final Person WRITER =
      new Person("22222222-2222-4222-8222-222222222222", "application");

  private static PostgresServer server;
  private static Warehouse warehouse;

  @BeforeAll
  static void install() throws Exception {
    server = TestPostgres.own();
    SandboxDatabase.create(server, "secret");
    try (Connection owner = server.connect(SandboxDatabase.NAME, SandboxDatabase.OWNER, "secret");
        Statement statement = owner.createStatement()) {
      SampleData.install(
          owner,
          List.of(READER.objectId(), WRITER.objectId()),
          Map.of("sales.orders", List.of(READER.objectId(), WRITER.objectId())));
      statement.execute("GRANT INSERT, UPDATE, DELETE ON sales.orders TO " + WRITER.role());
    }
    warehouse =
        new Warehouse(server.jdbcUrl(SandboxDatabase.NAME), SandboxDatabase.OWNER, "secret");
  }

  @AfterAll
  static void close() throws Exception {
    warehouse.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '#',
      nullValues = "NULL",
      value = {
        "concat('a', 'b', 'c') ; abc",
        "concat('a', NULL) ; NULL",
        "'a' || 'b' || 'c' ; abc",
        "'a' || NULL ; NULL",
        "right('hello', 2) ; lo",
        "right('hello', -2) ; ##",
        "left('hello', 9) ; hello",
        "repeat('*', 3) ; ***",
        "repeat('*', -1) ; ##",
        "length('héllo') ; 5",
        "contains('Databricks', 'bri') ; true",
        "contains(NULL, '') ; NULL",
        "startswith('EMEA', 'EM') ; true",
        "endswith('EMEA', '') ; true",
        "CASE WHEN length('ab') <= 3 THEN 'short' ELSE 'long' END ; short",
        "CAST(12.9 AS INT) ; 12",
        "CAST(-12.9 AS BIGINT) ; -12",
        "CAST(' 7 ' AS INT) ; 7",
        "CAST(true AS STRING) ; true",
        "CAST(12.30 AS STRING) ; 12.30",
        "CAST(CAST('2026-07-01 08:00:00.500' AS TIMESTAMP) AS STRING) ; 2026-07-01 08:00:00.5",
        "CAST('2026-07-01' AS DATE) ; 2026-07-01",
        "CAST(3.5 AS DECIMAL) ; 4",
        "CAST(NULL AS STRING) ; NULL",
        "round(2.5) ; 3",
        "round(-2.345, 2) ; -2.35",
        "1 = 2 OR NULL IS NULL ; true",
        "'a%b' LIKE 'a\\\\%b' ; true",
        "'axb' LIKE 'a\\\\%b' ; false",
      })
  void anExpressionMeansWhatItMeansAtDatabricks(String expression, String expected) {
    assertThat(rows("SELECT " + expression)).containsExactly(Arrays.asList(expected));
  }

  @Test
  void aggregatesKeepDatabricksTypes() {
    Execution.Table table =
        table(
            READER,
            "SELECT count(*) AS n, sum(customer_id) AS s, avg(amount) AS a, avg(id) AS d,"
                + " sum(amount) AS t, max(region) AS r, min(ordered_at) AS first"
                + " FROM main.sales.orders WHERE id <= 10002");
    assertThat(table.columns())
        .extracting(Execution.Table.Column::typeText)
        .containsExactly(
            "BIGINT", "BIGINT", "DECIMAL(38,6)", "DOUBLE", "DECIMAL(38,2)", "STRING", "TIMESTAMP");
    assertThat(table.rows().getFirst().get(3)).isEqualTo("10001.5");
    assertThat(table.rows().getFirst().get(6)).endsWith("Z");
  }

  @Test
  void theSumOfNothingIsNull() {
    assertThat(rows("SELECT sum(id), avg(amount) FROM main.sales.orders WHERE id < 0"))
        .containsExactly(Arrays.asList(null, null));
  }

  @Test
  void everyJoinIsTheJoinThatWasWritten() {
    String both =
        " FROM (SELECT 1 AS a UNION ALL SELECT 2) AS l %s JOIN (SELECT 2 AS b UNION ALL SELECT 3)"
            + " AS r ON l.a = r.b ORDER BY a, b";
    assertThat(rows("SELECT a, b" + both.formatted("RIGHT")))
        .containsExactly(Arrays.asList(null, "3"), List.of("2", "2"));
    assertThat(rows("SELECT a, b" + both.formatted("FULL OUTER"))).hasSize(3);
    assertThat(condition(READER, "SELECT a" + both.formatted("LEFT ANTI")))
        .isEqualTo("PARSE_SYNTAX_ERROR");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT pg_catalog.set_config('role', 'none', false)",
        "SELECT `set_config`('role', 'none', false)",
        "SELECT pg_catalog . query_to_xml ('select * from hr.salaries', true, true, '')",
        "SELECT `pg_sleep` (9)",
        "SELECT spark.concat('a', 'b')",
        "SELECT * FROM pg_catalog.pg_roles",
        "SELECT * FROM pg_user",
        "SELECT * FROM information_schema.tables",
        "SELECT ctid FROM main.sales.orders",
        "SELECT orders FROM main.sales.orders",
        "SELECT DISTINCT ON (region) id FROM main.sales.orders",
        "SELECT id INTO sales.copy FROM main.sales.orders",
        "WITH gone AS (DELETE FROM main.sales.orders) SELECT 1",
        "SELECT FROM main.sales.orders",
        "SELECT id FROM main.sales.orders WHERE region = 7",
        "SET ROLE postgres",
        "RESET ROLE",
        "BEGIN",
      })
  void whatIsPostgresAndNotDatabricksDoesNotGetThrough(String statement) {
    assertThat(condition(WRITER, statement)).isEqualTo("PARSE_SYNTAX_ERROR");
  }

  @Test
  void anotherCatalogIsNotFound() {
    assertThat(condition(READER, "SELECT * FROM other.sales.orders"))
        .isEqualTo("TABLE_OR_VIEW_NOT_FOUND");
  }

  @Test
  void aWriteHappensForWhoIsGrantedItAndForNobodyElse() throws Exception {
    String update = "UPDATE main.sales.orders SET status = 'seen' WHERE id = 10001";
    assertThat(condition(READER, update)).isEqualTo("INSUFFICIENT_PERMISSIONS");
    assertThat(status()).isNotEqualTo("seen");
    Execution.Table counted = table(WRITER, update);
    assertThat(counted.rows()).containsExactly(List.of("1"));
    assertThat(status()).isEqualTo("seen");
  }

  @Test
  void aCancelledWriteLeavesNothingAndItsConnectionIsFree() throws Exception {
    warehouse.delayStatements(Duration.ofSeconds(60));
    Execution write;
    try {
      write =
          warehouse.submit(
              WRITER, job("UPDATE main.sales.orders SET status = 'x' WHERE id = 10002"));
      while (write.state() == Execution.State.PENDING) {
        Thread.onSpinWait();
      }
      write.cancel();
      assertThat(write.state()).isEqualTo(Execution.State.CANCELED);
    } finally {
      warehouse.delayStatements(Duration.ZERO);
    }
    assertThat(write.hasEnded(30)).as("the engine let go of it").isTrue();
    assertThat(rows("SELECT count(*) FROM main.sales.orders WHERE status = 'x'"))
        .containsExactly(List.of("0"));
  }

  @Test
  void aStrangerIsNotOfThisWorkspace() {
    var stranger = new Person("33333333-3333-4333-8333-333333333333", "application");
    assertThat(condition(stranger, "SELECT 1")).isEqualTo("PERMISSION_DENIED");
  }

  private static String status() throws Exception {
    try (Connection connection = server.connect(SandboxDatabase.NAME);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT status FROM sales.orders WHERE id = 10001")) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }

  private static List<List<@Nullable String>> rows(String statement) {
    return table(READER, statement).rows();
  }

  private static Execution.Table table(Person person, String statement) {
    Execution execution = run(person, statement);
    assertThat(execution.failure()).as(statement).isNull();
    return Objects.requireNonNull(execution.table());
  }

  private static String condition(Person person, String statement) {
    return Objects.requireNonNull(run(person, statement).failure(), statement).condition();
  }

  private static Execution run(Person person, String statement) {
    Execution execution = warehouse.submit(person, job(statement));
    try {
      assertThat(execution.await(30)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return execution;
  }

  private static Warehouse.Job job(String statement) {
    return new Warehouse.Job(statement, Map.of(), Long.MAX_VALUE, Long.MAX_VALUE);
  }
}
