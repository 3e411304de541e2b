// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.fsck.Verification.State;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.LogFixture;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each byte of a stored record, in whatever columns the table has, is changed in turn. */
class FlippedByteTest {
  private static final String RECORD = "seq = 2";

  @TempDir Path folder;
  private final Random bits = new Random(4);

  @Test
  void whicheverByteOfARecordIsFlippedIsFound() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    try (AuditDatabase log = fixture.openReady()) {
      assertThat(append(log, decided("allow")).seq()).isEqualTo(2);
    }
    AuditVerifier verifier =
        new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())));
    List<String> passed = new ArrayList<>();
    int made = 0;
    try (Connection attacker = fixture.database().asSuperuser();
        Statement attack = attacker.createStatement();
        Connection auditor = fixture.database().as(TestPostgres.GATEWAY)) {
      boolean _ = attack.execute("SET session_replication_role = replica");
      boolean _ = attack.execute("SET synchronous_commit = off");
      boolean _ = attack.execute("CREATE TABLE kept AS SELECT * FROM obolus.audit_record");
      assertThat(verifier.verify(auditor).state()).isEqualTo(State.VERIFIED);
      List<String> changes = changes(attack);
      assertThat(changes).anyMatch(change -> change.startsWith("labels[2] = "));
      for (String change : changes) {
        if (!taken(attack, "UPDATE obolus.audit_record SET " + change + " WHERE " + RECORD)) {
          continue; // the database itself refuses it
        }
        made++;
        if (verifier.verify(auditor).state() != State.BROKEN) {
          passed.add(change);
        }
        boolean _ = attack.execute("DELETE FROM obolus.audit_record");
        boolean _ = attack.execute("INSERT INTO obolus.audit_record TABLE kept");
      }
      assertThat(verifier.verify(auditor).state()).isEqualTo(State.VERIFIED);
    }
    assertThat(passed).isEmpty();
    assertThat(made).isGreaterThan(1_000);
  }

  private static boolean taken(Statement attack, String update) throws SQLException {
    try {
      return attack.executeUpdate(update) > 0;
    } catch (SQLException e) {
      if (e.getSQLState().startsWith("22") || e.getSQLState().startsWith("23")) {
        return false;
      }
      throw e;
    }
  }

  /** One change a byte of every column of the record; of a column that is absent, a presence. */
  private List<String> changes(Statement statement) throws SQLException {
    List<String> changes = new ArrayList<>();
    for (String[] column : columns(statement)) {
      String name = column[0];
      switch (column[1]) {
        case "bytea" -> {
          changes.add(name + " = CASE WHEN " + name + " IS NULL THEN ''::bytea END");
          for (int i = 0; i < length(statement, "octet_length(" + name + ")"); i++) {
            changes.add(
                "%1$s = set_byte(%1$s, %2$d, get_byte(%1$s, %2$d) # %3$d)"
                    .formatted(name, i, 1 << bits.nextInt(8)));
          }
        }
        case "text" -> {
          changes.add(name + " = CASE WHEN " + name + " IS NULL THEN 'x' END");
          for (int i = 1; i <= length(statement, "length(" + name + ")"); i++) {
            changes.add(flippedText(name, name, i));
          }
        }
        case "ARRAY" -> {
          changes.add(name + " = " + name + " || 'x'::text");
          for (int at = 1; at <= length(statement, "cardinality(" + name + ")"); at++) {
            changes.add("%1$s = %1$s[:%2$d] || %1$s[%3$d:]".formatted(name, at - 1, at + 1));
            String element = name + "[" + at + "]";
            for (int i = 1; i <= length(statement, "length(" + element + ")"); i++) {
              changes.add(flippedText(element, element, i));
            }
          }
        }
        case "uuid" -> {
          for (int i = 1; i <= 36; i++) {
            changes.add(
                ("%1$s = overlay(%1$s::text placing CASE substr(%1$s::text, %2$d, 1) WHEN '-' THEN"
                        + " 'x' WHEN '0' THEN '1' ELSE '0' END from %2$d for 1)::uuid")
                    .formatted(name, i));
          }
        }
        case "integer", "bigint" -> {
          for (int i = 0; i < (column[1].equals("integer") ? 32 : 64); i++) {
            changes.add("%1$s = %1$s # (1::%3$s << %2$d)".formatted(name, i, column[1]));
          }
        }
        default -> throw new AssertionError("no way known to flip a " + column[1]);
      }
    }
    return changes;
  }

  private static String flippedText(String target, String source, int at) {
    return "%1$s = overlay(%2$s placing chr(ascii(substr(%2$s, %3$d, 1)) # 1) from %3$d for 1)"
        .formatted(target, source, at);
  }

  private static List<String[]> columns(Statement statement) throws SQLException {
    List<String[]> columns = new ArrayList<>();
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema ="
                + " 'obolus' AND table_name = 'audit_record' ORDER BY ordinal_position")) {
      while (rows.next()) {
        columns.add(new String[] {rows.getString(1), rows.getString(2)});
      }
    }
    return columns;
  }

  private static int length(Statement statement, String of) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "SELECT coalesce(" + of + ", 0) FROM obolus.audit_record WHERE " + RECORD)) {
      assertThat(row.next()).isTrue();
      return row.getInt(1);
    }
  }
}
