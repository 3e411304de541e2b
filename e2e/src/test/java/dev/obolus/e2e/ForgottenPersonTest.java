// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.e2e;

import static dev.obolus.e2e.AuditDesk.TENANT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.PersonalValues.Field;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.Revealed;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.e2e.AuditDesk.Said;
import dev.obolus.e2e.RunningDemo.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A person is forgotten at a running gateway: two operators agree, and then nobody reads the
 * person's values any more, neither there nor in a copy of the database from before.
 */
class ForgottenPersonTest {
  private final YearMonth month = YearMonth.now(ZoneOffset.UTC).minusMonths(17);
  private static final String WHOM = "0b010500-0000-4000-8000-00000000f0f0";

  private final RunningDemo demo = RunningDemo.shared();
  private AuditDesk desk = new AuditDesk(demo, Path.of(""));
  @TempDir Path folder;

  @BeforeEach
  void sitDown() {
    desk = new AuditDesk(demo, folder);
  }

  @Test
  void aForgottenPersonIsReadInNoCopyOfTheLogAndEveryCopyStillVerifies() throws Exception {
    Receipt hers;
    try (AuditDatabase late = desk.writerIn(month)) {
      hers = AuditDesk.append(late, AuditDesk.signedIn(TENANT, WHOM));
    }
    desk.untilSigned();
    assertThat(reveal(hers).body()).contains("revealed", WHOM);
    String copy = copyOfTheLog();
    try {
      forgottenIn(hers, copy);
    } finally {
      desk.sql("DROP DATABASE before WITH (FORCE)");
    }
  }

  private void forgottenIn(Receipt hers, String copy) throws Exception {
    assertThat(readIn(copy, hers)).as("else nothing is proven below").contains(WHOM);

    Said proposed = forget("ada");
    assertThat(proposed.exit()).as(proposed.text()).isZero();
    Said alone = forget("ada", "--proposal", proposed.place());
    assertThat(alone.word("code")).as(alone.text()).isEqualTo("second_person_required");
    Said agreed = forget("root-admin", "--proposal", proposed.place());
    assertThat(agreed.word("state")).as(agreed.text()).isEqualTo("erased");

    assertThat(reveal(hers).body()).contains("erased").doesNotContain(WHOM);
    desk.untilSigned();
    assertThat(desk.everyVerifier()).isNotEmpty();

    assertThatThrownBy(() -> readIn(copy, hers)).hasMessageContaining("is gone");
    Said verified =
        desk.onCopy(
            "jdbc:" + copy, "obolus_gateway", "audit", "verify", "--key", desk.key("root.key"));
    assertThat(verified.exit()).as(verified.text()).isZero();
    assertThat(verified.text()).contains("VERIFIED");
  }

  /** What a gateway on the restored copy, with the keys of now, can read there. */
  private String readIn(String copy, Receipt record) throws Exception {
    try (AuditDatabase restored = desk.writer(copy, Clock.systemUTC())) {
      Revealed revealed =
          restored
              .personalValues()
              .reveal(Set.of(TENANT), record.chain(), record.seq(), Field.PERSON)
              .blockOptional()
              .orElseThrow();
      return revealed instanceof Revealed.Value value ? value.value() : "";
    }
  }

  private Said forget(String who, String... more) throws Exception {
    String[] command = {
      "audit", "forget", "--tenant", TENANT, "--object-id", WHOM, "--reason", "asked for"
    };
    String[] all = Arrays.copyOf(command, command.length + more.length);
    System.arraycopy(more, 0, all, command.length, more.length);
    return desk.ask(desk.token(who), all);
  }

  private Answer reveal(Receipt record) throws Exception {
    return demo.post(
        demo.url("gateway") + "/operator/v1/audit/reveal",
        Files.readString(desk.token("olga")),
        "{\"chain\":\"%s\",\"seq\":%d,\"field\":\"person\",\"purpose\":\"case 7\"}"
            .formatted(record.chain(), record.seq()));
  }

  /** As a dump that is restored: another database with every row that there is now. */
  private String copyOfTheLog() throws Exception {
    desk.sql("CREATE DATABASE before OWNER obolus_owner");
    String copy = desk.database().replaceFirst("/obolus$", "/before");
    Said migrated = desk.onCopy("jdbc:" + copy, "obolus_owner", "migrate");
    assertThat(migrated.exit()).as(migrated.text()).isZero();
    try (Connection from = demo.asSuperuser();
        Connection to =
            DriverManager.getConnection(
                "jdbc:" + copy,
                "postgres",
                Files.readString(Path.of(desk.key("postgres.password"))).strip());
        Statement here = from.createStatement();
        Statement there = to.createStatement()) {
      boolean _ = there.execute("SET session_replication_role = replica");
      for (String part : parts(from)) {
        boolean _ = there.execute(part);
      }
      String file = dataFolder(from) + "/before.copy";
      for (Map.Entry<String, String> table : tables(from).entrySet()) {
        String name = "obolus." + table.getKey();
        String columns = table.getValue();
        boolean _ = there.execute("DELETE FROM " + name);
        boolean _ =
            here.execute("COPY (SELECT " + columns + " FROM " + name + ") TO '" + file + "'");
        boolean _ = there.execute("COPY " + name + " (" + columns + ") FROM '" + file + "'");
      }
    }
    return copy;
  }

  /** Where the server may write. */
  private static String dataFolder(Connection log) throws Exception {
    try (Statement query = log.createStatement();
        ResultSet row = query.executeQuery("SHOW data_directory")) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }

  /** What makes the months' parts that there are. */
  private static List<String> parts(Connection log) throws Exception {
    List<String> parts = new ArrayList<>();
    try (Statement query = log.createStatement();
        ResultSet rows =
            query.executeQuery(
                """
                SELECT format('CREATE TABLE IF NOT EXISTS obolus.%I PARTITION OF %s %s',
                              c.relname, i.inhparent::regclass, pg_get_expr(c.relpartbound, c.oid))
                  FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
                 WHERE c.relnamespace = 'obolus'::regnamespace AND c.relkind = 'r'
                """)) {
      while (rows.next()) {
        assertThat(parts.add(rows.getString(1))).isTrue();
      }
    }
    return parts;
  }

  /** The log's tables, each with the columns that are not computed. */
  private static Map<String, String> tables(Connection log) throws Exception {
    Map<String, String> tables = new LinkedHashMap<>();
    try (Statement query = log.createStatement();
        ResultSet rows =
            query.executeQuery(
                """
                SELECT c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
                  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                 WHERE c.relnamespace = 'obolus'::regnamespace AND c.relkind IN ('r', 'p')
                   AND NOT c.relispartition AND c.relname LIKE 'audit%'
                   AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                 GROUP BY c.relname
                """)) {
      while (rows.next()) {
        String _ = tables.put(rows.getString(1), rows.getString(2));
      }
    }
    return tables;
  }
}
