// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.migrations;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.YearMonth;
import org.flywaydb.core.Flyway;

/**
 * Brings a database to the schema that this release needs.
 *
 * <p>The roles {@code obolus_owner}, {@code obolus_gateway} and {@code obolus_console} must exist
 * in the cluster; the user given must own the database.
 */
public final class DatabaseMigration {
  /** Everything of ours is in this schema. */
  public static final String SCHEMA = "obolus";

  private DatabaseMigration() {}

  /** Migrates as the owner; answers the version that the schema now has. */
  public static String migrate(String jdbcUrl, String owner, String password) {
    return migrate(jdbcUrl, owner, password, Clock.systemUTC());
  }

  static String migrate(String jdbcUrl, String owner, String password, Clock clock) {
    Flyway flyway =
        Flyway.configure(DatabaseMigration.class.getClassLoader())
            .dataSource(jdbcUrl, owner, password)
            .schemas(SCHEMA)
            .defaultSchema(SCHEMA)
            .locations("classpath:dev/obolus/migrations")
            .validateMigrationNaming(true)
            .cleanDisabled(true)
            .load();
    flyway.migrate();
    openEpochs(jdbcUrl, owner, password, YearMonth.now(clock));
    var current = flyway.info().current();
    if (current == null || current.getVersion() == null) {
      throw new IllegalStateException("no migration was found to apply");
    }
    return current.getVersion().getVersion();
  }

  /** The partitions of this month and the next, so that a gateway finds them. */
  private static void openEpochs(String jdbcUrl, String owner, String password, YearMonth month) {
    try (Connection connection = DriverManager.getConnection(jdbcUrl, owner, password);
        PreparedStatement ensure =
            connection.prepareStatement("SELECT " + SCHEMA + ".audit_ensure_epoch(?)")) {
      for (YearMonth wanted : new YearMonth[] {month, month.plusMonths(1)}) {
        ensure.setInt(1, wanted.getYear() * 100 + wanted.getMonthValue());
        ensure.execute();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the log's partitions could not be made", e);
    }
  }
}
