// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.migrations;

import static dev.obolus.sandbox.postgres.TestPostgres.CONSOLE;
import static dev.obolus.sandbox.postgres.TestPostgres.GATEWAY;
import static dev.obolus.sandbox.postgres.TestPostgres.OWNER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.sandbox.postgres.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.YearMonth;
import java.time.ZoneOffset;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseMigrationTest {
  private static final String DENIED = "42501";
  private static final String BROKEN_CHAIN = "OB001";
  private static final String ZEROES = "decode(repeat('00', 32), 'hex')";

  private static TestPostgres.Database database;

  @BeforeAll
  static void migrate() {
    database = TestPostgres.fresh();
    String version = DatabaseMigration.migrate(database.jdbcUrl(), OWNER, OWNER);
    assertThat(version).isGreaterThanOrEqualTo("202611210900");
  }

  @Test
  void migratingAgainChangesNothing() {
    assertThat(DatabaseMigration.migrate(database.jdbcUrl(), OWNER, OWNER))
        .isEqualTo(DatabaseMigration.migrate(database.jdbcUrl(), OWNER, OWNER));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE obolus.audit_record SET tenant = 'x'",
        "DELETE FROM obolus.audit_record",
        "TRUNCATE obolus.audit_record",
        "INSERT INTO obolus.audit_head (chain, epoch, seq, mac) VALUES ('', 1, 1, '')",
        "UPDATE obolus.audit_head SET seq = 0",
        "DELETE FROM obolus.audit_head",
        "ALTER TABLE obolus.audit_record DISABLE TRIGGER ALL",
        "CREATE TABLE obolus.mine (x int)",
        "CREATE TABLE public.mine (x int)",
        "CREATE TEMP TABLE audit_head (x int)",
        "DROP TABLE obolus.audit_record",
        "UPDATE obolus.audit_key_request SET expires_at = NULL",
        "DELETE FROM obolus.audit_key_request",
        "INSERT INTO obolus.audit_key_request (id, answer) VALUES ('', '')",
        "SET session_replication_role = replica",
        "SELECT * FROM obolus.flyway_schema_history"
      })
  void gatewayMayOnlyAddAndRead(String sql) throws SQLException {
    try (Connection gateway = database.as(GATEWAY)) {
      assertRefused(gateway, sql).isEqualTo(DENIED);
    }
  }

  @Test
  void nobodyWritesIntoAPartitionAndSoPastTheTrigger() throws SQLException {
    try (Connection gateway = database.as(GATEWAY)) {
      String partition = "obolus.audit_record_" + thisEpoch();
      assertRefused(gateway, insert(partition, 1, 1, ZEROES, 'a')).isEqualTo(DENIED);
      assertRefused(gateway, "SELECT * FROM " + partition).isEqualTo(DENIED);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT person_value FROM obolus.audit_record",
        "SELECT 1 FROM obolus.audit_record",
        "SELECT 1 FROM obolus.audit_head",
        "SELECT 1 FROM obolus.audit_key_request",
        "INSERT INTO obolus.audit_log (tenant) VALUES ('x')",
        "UPDATE obolus.audit_log SET tenant = 'x'",
        "DELETE FROM obolus.audit_log",
        "UPDATE obolus.audit_chain SET seq = 0",
        "SELECT obolus.audit_ensure_epoch(202611)",
        "CREATE TABLE obolus.mine (x int)"
      })
  void consoleMayOnlyReadTheViews(String sql) throws SQLException {
    try (Connection console = database.as(CONSOLE)) {
      assertRefused(console, sql).isEqualTo(DENIED);
    }
  }

  @Test
  void viewsHoldNoPersonalValueAndNoSalt() throws SQLException {
    try (Connection console = database.as(CONSOLE);
        Statement statement = console.createStatement();
        ResultSet columns = statement.executeQuery("SELECT * FROM obolus.audit_log LIMIT 0")) {
      for (int i = 1; i <= columns.getMetaData().getColumnCount(); i++) {
        assertThat(columns.getMetaData().getColumnName(i)).doesNotContain("value", "salt");
      }
    }
  }

  @Test
  void chainGrowsByRecordsThatContinueIt() throws SQLException {
    try (Connection gateway = database.as(GATEWAY)) {
      run(gateway, insert("obolus.audit_record", 7, 1, ZEROES, 'a'));
      run(gateway, insert("obolus.audit_record", 7, 2, mac('a'), 'b'));
      try (Statement statement = gateway.createStatement();
          ResultSet head =
              statement.executeQuery("SELECT seq FROM obolus.audit_head WHERE mac = " + mac('b'))) {
        assertThat(head.next()).isTrue();
        assertThat(head.getLong(1)).isEqualTo(2);
      }
    }
  }

  @Test
  void recordsThatDoNotContinueTheirChainAreRefused() throws SQLException {
    try (Connection gateway = database.as(GATEWAY)) {
      run(gateway, insert("obolus.audit_record", 8, 1, ZEROES, 'a'));
      String table = "obolus.audit_record";
      assertRefused(gateway, insert(table, 8, 3, mac('a'), 'b')).as("gap").isEqualTo(BROKEN_CHAIN);
      assertRefused(gateway, insert(table, 8, 2, mac('x'), 'b'))
          .as("another predecessor")
          .isEqualTo(BROKEN_CHAIN);
      assertRefused(gateway, insert(table, 9, 2, mac('a'), 'b'))
          .as("a chain without a first record")
          .isEqualTo(BROKEN_CHAIN);
      assertRefused(gateway, insert(table, 9, 1, mac('a'), 'b'))
          .as("a first record with a predecessor")
          .isEqualTo(BROKEN_CHAIN);
      assertRefused(gateway, insert(table, 8, 2, mac('a'), 'b') + ", " + values(10, 1, ZEROES, 'c'))
          .as("two chains at once")
          .isEqualTo(BROKEN_CHAIN);
      assertRefused(
              gateway, insert(table, 8, 2, mac('a'), 'b') + ", " + values(8, 3, mac('x'), 'c'))
          .as("a broken link inside")
          .isEqualTo(BROKEN_CHAIN);
      assertRefused(
              gateway, insert(table, 8, 2, mac('a'), 'b') + ", " + values(8, 4, mac('b'), 'c'))
          .as("a gap inside")
          .isEqualTo(BROKEN_CHAIN);
      assertRefused(
              gateway, insert(table, 8, 3, mac('b'), 'c') + ", " + values(8, 2, mac('a'), 'b'))
          .as("the right rows the wrong way round")
          .isEqualTo(BROKEN_CHAIN);
      assertRefused(
              gateway, insert(table, 8, 2, mac('a'), 'b') + ", " + values(10, 3, mac('b'), 'c'))
          .as("another chain's row that would fit")
          .isEqualTo(BROKEN_CHAIN);
      assertThatCode(() ->
              run(gateway, insert(table, 8, 2, mac('a'), 'b') + ", " + values(8, 3, mac('b'), 'c')))
          .as("two that continue it")
          .doesNotThrowAnyException();
    }
  }

  @Test
  void nothingContinuesAChainThatWasClosed() throws SQLException {
    try (Connection gateway = database.as(GATEWAY)) {
      run(gateway, insert("obolus.audit_record", 12, 1, ZEROES, 'a'));
      String closing =
          insert("obolus.audit_record", 12, 2, mac('a'), 'b').replace("'c',", "'OBO0002A',");
      run(gateway, closing);
      assertRefused(gateway, insert("obolus.audit_record", 12, 3, mac('b'), 'd'))
          .isEqualTo(BROKEN_CHAIN);
    }
  }

  @Test
  void gatewayOpensOnlyThePresentEpochs() throws SQLException {
    try (Connection gateway = database.as(GATEWAY)) {
      int next = epoch(YearMonth.now(ZoneOffset.UTC).plusMonths(1));
      assertThatCode(() -> run(gateway, "SELECT obolus.audit_ensure_epoch(" + next + ")"))
          .doesNotThrowAnyException();
      assertRefused(gateway, "SELECT obolus.audit_ensure_epoch(209901)").isEqualTo("OB002");
      assertRefused(gateway, "SELECT obolus.audit_ensure_epoch(202613)").isEqualTo("OB002");
    }
  }

  /** To make it in place would wait for the reader, and every writer for it. */
  @Test
  void partitionIsMadeWhileTheLogIsReadAndWritten() throws SQLException {
    try (Connection reader = database.as(GATEWAY);
        Connection gateway = database.as(GATEWAY)) {
      reader.setAutoCommit(false);
      run(reader, insert("obolus.audit_record", 11, 1, ZEROES, 'a'));
      run(reader, "SELECT count(*) FROM obolus.audit_record");
      run(gateway, "SET lock_timeout = '10s'");
      int after = epoch(YearMonth.now(ZoneOffset.UTC).plusMonths(2));
      assertThatCode(() -> run(gateway, "SELECT obolus.audit_ensure_epoch(" + after + ")"))
          .doesNotThrowAnyException();
      try (Statement statement = gateway.createStatement();
          ResultSet part =
              statement.executeQuery(
                  "SELECT count(*) FROM pg_inherits JOIN pg_index ON indrelid = inhrelid WHERE"
                      + " inhrelid = 'obolus.audit_record_"
                      + after
                      + "'::regclass AND indisvalid")) {
        assertThat(part.next()).isTrue();
        assertThat(part.getInt(1)).as("its indexes").isGreaterThanOrEqualTo(4);
      }
      reader.rollback();
    }
  }

  private static int thisEpoch() {
    return epoch(YearMonth.now(ZoneOffset.UTC));
  }

  private static int epoch(YearMonth month) {
    return month.getYear() * 100 + month.getMonthValue();
  }

  private static String insert(String table, int chain, long seq, String prev, char mac) {
    return "INSERT INTO "
        + table
        + " (epoch, chain, seq, tenant, tenant_seq, event_id, key_id, at_us, code, event, person,"
        + " resources, reasons, canonical, leaf, prev_mac, mac) VALUES "
        + values(chain, seq, prev, mac);
  }

  private static String values(int chain, long seq, String prev, char mac) {
    return "(%d, decode(lpad('%d', 32, '0'), 'hex'), %d, '-', %d, gen_random_uuid(), 'k', 0, 'c',"
            .formatted(thisEpoch(), chain, seq, seq)
        + " 'e', '-', '{}', '{}', '', "
        + ZEROES
        + ", "
        + prev
        + ", "
        + mac(mac)
        + ")";
  }

  private static String mac(char letter) {
    return "repeat('" + letter + "', 32)::bytea";
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static org.assertj.core.api.AbstractStringAssert<?> assertRefused(
      Connection connection, String sql) {
    AbstractThrowableAssert<?, ? extends Throwable> refusal =
        assertThatThrownBy(() -> run(connection, sql)).isInstanceOf(SQLException.class);
    return refusal
        .extracting(thrown -> ((SQLException) thrown).getSQLState())
        .asInstanceOf(InstanceOfAssertFactories.STRING);
  }
}
