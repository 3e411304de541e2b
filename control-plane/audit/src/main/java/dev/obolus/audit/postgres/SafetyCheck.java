// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Looks at what makes an acknowledged commit durable and the log append-only: settings, schema,
 * grants, the trigger. Anything wrong makes the database unsafe to write to, by whichever driver.
 */
public final class SafetyCheck {
  /** The migration that this writer needs, or a later one. */
  static final String REQUIRED_SCHEMA = "202611212005";

  private static final String LOOK =
      """
      SELECT current_setting('fsync') AS fsync,
             current_setting('full_page_writes') AS full_page_writes,
             current_setting('synchronous_commit') AS synchronous_commit,
             current_setting('synchronous_standby_names') AS standbys,
             pg_is_in_recovery() AS in_recovery,
             (SELECT version FROM obolus.schema_version) AS version,
             has_table_privilege('obolus.audit_record', 'INSERT')
               AND has_table_privilege('obolus.audit_record', 'SELECT') AS may_add,
             has_table_privilege('obolus.audit_record', 'UPDATE,DELETE,TRUNCATE,TRIGGER')
               OR has_any_column_privilege('obolus.audit_record', 'UPDATE') AS may_change,
             has_table_privilege('obolus.audit_head', 'INSERT,UPDATE,DELETE,TRUNCATE,TRIGGER')
               OR has_any_column_privilege('obolus.audit_head', 'INSERT,UPDATE') AS may_move_head,
             (SELECT coalesce(bool_or(
                       has_table_privilege(inhrelid, 'INSERT,UPDATE,DELETE,TRUNCATE,TRIGGER')
                       OR has_any_column_privilege(inhrelid, 'INSERT,UPDATE')), false)
                FROM pg_inherits WHERE inhparent = 'obolus.audit_record'::regclass) AS may_pass_by,
             (SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class AS other
               WHERE relnamespace = 'obolus'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
                 AND NOT relispartition
                 AND oid NOT IN ('obolus.audit_record'::regclass, 'obolus.audit_head'::regclass)
                 AND (has_table_privilege(oid, 'UPDATE,DELETE,TRUNCATE,TRIGGER')
                   OR relkind = 'v' AND has_any_column_privilege(oid, 'INSERT')
                   OR EXISTS (SELECT FROM pg_attribute
                       WHERE attrelid = other.oid AND attnum > 0 AND NOT attisdropped
                         AND has_column_privilege(attrelid, attnum, 'UPDATE')
                         AND (relname <> 'audit_value_key'
                           OR attname NOT IN ('kek', 'wrapped'))))) AS may_change_others,
             (SELECT coalesce(bool_or(has_function_privilege(oid, 'EXECUTE')), false) FROM pg_proc
               WHERE pronamespace = 'obolus'::regnamespace AND proname = 'audit_prune') AS may_prune,
             (SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class
               WHERE oid = 'obolus.audit_record'::regclass)
               OR has_schema_privilege('obolus', 'CREATE') AS may_own,
             (SELECT count(*) FROM pg_trigger
               WHERE tgrelid = 'obolus.audit_record'::regclass
                 AND tgname = 'audit_advance_head' AND tgenabled IN ('O', 'A')) AS triggers
      """;

  /** What a server answers, as one driver or the other hands it over. */
  @FunctionalInterface
  private interface Row<E extends Exception> {
    <T> @Nullable T get(String name, Class<T> type) throws E;
  }

  private final boolean requireStandby;
  private volatile boolean standbyNamed;

  /**
   * @param requireStandby whether a synchronous standby must be configured
   */
  public SafetyCheck(boolean requireStandby) {
    this.requireStandby = requireStandby;
  }

  /** Whether the server, as it was last looked at, waits for a standby at each commit. */
  public boolean waitsForStandby() {
    return requireStandby || standbyNamed;
  }

  /** Emits what is wrong, empty if nothing is; fails if it cannot be found out. */
  Mono<List<String>> look(PostgresqlConnection connection) {
    return connection
        .createStatement(LOOK)
        .execute()
        .concatMap(result -> result.map(row -> this.<RuntimeException>faults(row::get)))
        .single();
  }

  /** What is wrong, empty if nothing is; fails if it cannot be found out. Blocks. */
  public List<String> look(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(LOOK)) {
      if (!row.next()) {
        throw new SQLException("the database's safety does not show");
      }
      return this.<SQLException>faults(row::getObject);
    }
  }

  private <E extends Exception> List<String> faults(Row<E> row) throws E {
    List<String> faults = new ArrayList<>();
    for (String setting : new String[] {"fsync", "full_page_writes"}) {
      add(faults, !"on".equals(row.get(setting, String.class)), setting + " is off");
    }
    String commit = row.get("synchronous_commit", String.class);
    add(
        faults,
        !"on".equals(commit) && !"remote_apply".equals(commit),
        "synchronous_commit is " + commit);
    standbyNamed = !"".equals(row.get("standbys", String.class));
    add(
        faults,
        requireStandby && "".equals(row.get("standbys", String.class)),
        "no synchronous standby is named");
    add(faults, flag(row, "in_recovery"), "the server is a standby");
    String version = Optional.ofNullable(row.get("version", String.class)).orElse("none");
    add(
        faults,
        version.compareTo(REQUIRED_SCHEMA) < 0 || !version.matches("\\d{12}"),
        "the schema is at " + version + " and must be at " + REQUIRED_SCHEMA + ": obolus migrate");
    add(faults, !flag(row, "may_add"), "the role may not add to the log and read it");
    add(faults, flag(row, "may_change"), "the role may change or delete records");
    add(faults, flag(row, "may_move_head"), "the role may move the heads of chains");
    add(faults, flag(row, "may_pass_by"), "the role may write past the log's trigger");
    String others = row.get("may_change_others", String.class);
    add(faults, others != null, "the role may change what is not its own to change: " + others);
    add(faults, flag(row, "may_prune"), "the role may remove records: EXECUTE on audit_prune");
    add(faults, flag(row, "may_own"), "the role owns the log, or may create in its schema");
    add(
        faults,
        !Objects.equals(row.get("triggers", Long.class), 1L),
        "the trigger that guards the chains is missing or disabled");
    return List.copyOf(faults);
  }

  private static <E extends Exception> boolean flag(Row<E> row, String name) throws E {
    return !Boolean.FALSE.equals(row.get(name, Boolean.class));
  }

  private static void add(List<String> faults, boolean faulty, String fault) {
    if (faulty) {
      faults.add(fault);
    }
  }
}
