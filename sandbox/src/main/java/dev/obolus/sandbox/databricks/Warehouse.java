// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.databricks;

import dev.obolus.sandbox.databricks.Execution.Table;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Runs statements on the database {@code main}, each as the database role of the person who asked,
 * so that the engine itself grants or refuses.
 */
final class Warehouse implements AutoCloseable {
  private static final int REMEMBERED = 1_000;
  private static final int IDLE_CONNECTIONS = 8;
  private static final int LARGEST_INLINE = 25 * 1024 * 1024;

  private final String url;
  private final String user;
  private final String password;
  private final BlockingQueue<Connection> idle = new ArrayBlockingQueue<>(IDLE_CONNECTIONS);
  private final Map<String, Execution> executions =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Execution> eldest) {
              return size() > REMEMBERED;
            }
          });
  private volatile Duration delay = Duration.ZERO;

  Warehouse(String url, String user, String password) {
    this.url = url;
    this.user = user;
    this.password = password;
  }

  /** Every statement from now on takes at least so long, in the engine. */
  void delayStatements(Duration atLeast) {
    delay = atLeast;
  }

  Execution submit(Person person, Job job) {
    var execution = new Execution(person);
    executions.put(execution.id(), execution);
    Thread.ofVirtual().name("statement-" + execution.id()).start(() -> run(execution, job));
    return execution;
  }

  /** A person finds only statements of their own. */
  Optional<Execution> find(Person person, String id) {
    return Optional.ofNullable(executions.get(id)).filter(execution -> execution.isOf(person));
  }

  private void run(Execution execution, Job job) {
    try {
      Translator.Translated translated = Translator.translate(job.statement(), job.parameters());
      Connection connection = borrow();
      boolean healthy = false;
      try {
        execution(connection, execution, translated, job);
        healthy = true;
      } finally {
        giveBack(connection, healthy);
      }
    } catch (SqlFailure failure) {
      execution.fail(failure);
    } catch (SQLException e) {
      execution.fail(translated(e));
    } catch (RuntimeException e) {
      execution.fail(new SqlFailure("INTERNAL_ERROR", "XX000", "The sandbox failed: " + e));
    } finally {
      execution.end();
    }
  }

  private void execution(
      Connection connection, Execution execution, Translator.Translated translated, Job job)
      throws SQLException {
    connection.setAutoCommit(false);
    try (Statement session = connection.createStatement()) {
      session.execute(
          "SET LOCAL ROLE " + session.enquoteIdentifier(execution.person().role(), true));
    } catch (SQLException e) {
      connection.rollback();
      throw new SqlFailure(
          "PERMISSION_DENIED", "42501", "The user is not known to this workspace. SQLSTATE: 42501");
    }
    try (PreparedStatement wait = connection.prepareStatement("SELECT pg_sleep(?)");
        PreparedStatement statement = connection.prepareStatement(translated.sql())) {
      bind(statement, translated.parameters());
      if (!execution.begin(wait, statement)) {
        connection.rollback();
        return;
      }
      if (!delay.isZero()) {
        wait.setDouble(1, delay.toMillis() / 1000.0);
        wait.execute();
      }
      Table table = statement.execute() ? read(statement.getResultSet(), job) : counted(statement);
      if (!execution.finish()) {
        throw SqlFailure.cancelled();
      }
      connection.commit();
      execution.succeed(table);
    } catch (SQLException | RuntimeException e) {
      connection.rollback();
      throw e;
    }
  }

  private static void bind(PreparedStatement statement, List<Translator.Parameter> parameters)
      throws SQLException {
    for (int i = 0; i < parameters.size(); i++) {
      statement.setObject(i + 1, parameters.get(i).value(), Types.OTHER);
    }
  }

  private static Table read(ResultSet rows, Job job) throws SQLException {
    ResultSetMetaData about = rows.getMetaData();
    int width = about.getColumnCount();
    List<List<@Nullable String>> values = new ArrayList<>();
    long bytes = 0;
    boolean truncated = false;
    while (!truncated && rows.next()) {
      List<@Nullable String> row = new ArrayList<>(width);
      for (int i = 1; i <= width; i++) {
        String value = text(rows, i, about.getColumnType(i));
        bytes += value == null ? 0 : value.getBytes(StandardCharsets.UTF_8).length;
        row.add(value);
      }
      truncated = values.size() >= job.rowLimit() || bytes > job.byteLimit();
      if (bytes > LARGEST_INLINE) {
        throw new SqlFailure("RESULT_TOO_LARGE", "54000", "Inline results are limited to 25 MiB.");
      }
      if (!truncated) {
        values.add(row);
      }
    }
    return new Table(columns(about, values), values, truncated);
  }

  private static @Nullable String text(ResultSet rows, int column, int type) throws SQLException {
    if (type == Types.BIT || type == Types.BOOLEAN) {
      boolean value = rows.getBoolean(column);
      return rows.wasNull() ? null : Boolean.toString(value);
    }
    if (type == Types.TIMESTAMP || type == Types.TIMESTAMP_WITH_TIMEZONE) {
      java.time.OffsetDateTime value = rows.getObject(column, java.time.OffsetDateTime.class);
      return value == null ? null : value.toInstant().toString();
    }
    if (type == Types.DOUBLE) {
      double value = rows.getDouble(column);
      return rows.wasNull() ? null : Double.toString(value);
    }
    return rows.getString(column);
  }

  private static List<Table.Column> columns(
      ResultSetMetaData about, List<List<@Nullable String>> values) throws SQLException {
    List<Table.Column> columns = new ArrayList<>();
    for (int i = 1; i <= about.getColumnCount(); i++) {
      int index = i - 1;
      int places = values.stream().mapToInt(row -> places(row.get(index))).max().orElse(0);
      columns.add(column(about.getColumnLabel(i), about.getColumnTypeName(i), about, i, places));
    }
    return columns;
  }

  private static int places(@Nullable String number) {
    int point = number == null ? -1 : number.indexOf('.');
    return number == null || point < 0 ? 0 : number.length() - point - 1;
  }

  /**
   * @param places after the point, for a computed decimal, whose declared scale the engine does not
   *     tell
   */
  private static Table.Column column(
      String name, String type, ResultSetMetaData about, int i, int places) throws SQLException {
    return switch (type) {
      case "int2" -> new Table.Column(name, "SHORT", "SMALLINT");
      case "int4" -> new Table.Column(name, "INT", "INT");
      case "int8" -> new Table.Column(name, "LONG", "BIGINT");
      case "float4" -> new Table.Column(name, "FLOAT", "FLOAT");
      case "float8" -> new Table.Column(name, "DOUBLE", "DOUBLE");
      case "bool" -> new Table.Column(name, "BOOLEAN", "BOOLEAN");
      case "date" -> new Table.Column(name, "DATE", "DATE");
      case "timestamptz" -> new Table.Column(name, "TIMESTAMP", "TIMESTAMP");
      case "numeric" -> {
        boolean declared = about.getPrecision(i) > 0;
        int precision = declared ? about.getPrecision(i) : 38;
        int scale = declared ? about.getScale(i) : places;
        yield new Table.Column(name, "DECIMAL", "DECIMAL(" + precision + "," + scale + ")");
      }
      case "text", "varchar" -> new Table.Column(name, "STRING", "STRING");
      default -> throw SqlFailure.syntax(name); // a row, or another thing that Databricks has not
    };
  }

  private static Table counted(Statement statement) throws SQLException {
    return new Table(
        List.of(new Table.Column("num_affected_rows", "LONG", "BIGINT")),
        List.of(List.of(Integer.toString(Math.max(0, statement.getUpdateCount())))),
        false);
  }

  /** The engine's refusals in Databricks' words. */
  private static SqlFailure translated(SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    return switch (state) {
      case "42501" ->
          new SqlFailure(
              "INSUFFICIENT_PERMISSIONS",
              "42501",
              "Insufficient privileges: the user lacks a privilege on the table. SQLSTATE: 42501");
      case "42P01", "3F000" -> SqlFailure.notFound();
      case "0A000" ->
          String.valueOf(e.getMessage()).contains("cross-database")
              ? SqlFailure.notFound()
              : SqlFailure.syntax("(unknown)");
      case "42703" ->
          new SqlFailure(
              "UNRESOLVED_COLUMN", "42703", "A column cannot be resolved. SQLSTATE: 42703");
      case "42702" ->
          new SqlFailure("AMBIGUOUS_REFERENCE", "42704", "A name is ambiguous. SQLSTATE: 42704");
      case "42803" ->
          new SqlFailure(
              "MISSING_AGGREGATION", "42803", "An expression is not aggregated. SQLSTATE: 42803");
      case "22003" ->
          new SqlFailure("ARITHMETIC_OVERFLOW", "22003", "A number is too large. SQLSTATE: 22003");
      case "22P02", "22007", "22008" ->
          new SqlFailure("CAST_INVALID_INPUT", "22018", "A value cannot be cast. SQLSTATE: 22018");
      case "57014" -> SqlFailure.cancelled();
      // among them operators and functions for which Databricks would convert a value first
      default ->
          state.startsWith("42")
              ? SqlFailure.syntax("(unknown)")
              : new SqlFailure(
                  "INTERNAL_ERROR", state.toUpperCase(Locale.ROOT), "The engine failed: " + state);
    };
  }

  private Connection borrow() throws SQLException {
    Connection pooled = idle.poll();
    if (pooled != null && pooled.isValid(1)) {
      return pooled;
    }
    Connection connection = DriverManager.getConnection(url, user, password);
    try (Statement session = connection.createStatement()) {
      session.execute("SET TIME ZONE 'UTC'");
    }
    return connection;
  }

  private void giveBack(Connection connection, boolean healthy) throws SQLException {
    if (!healthy || !idle.offer(connection)) {
      connection.close();
    }
  }

  @Override
  public void close() throws SQLException {
    for (Connection connection = idle.poll(); connection != null; connection = idle.poll()) {
      connection.close();
    }
  }

  /** What was submitted. */
  record Job(
      String statement,
      Map<String, Translator.Parameter> parameters,
      long rowLimit,
      long byteLimit) {}
}
