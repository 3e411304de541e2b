// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.databricks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The database {@code main}: tables, a few hundred believable rows, and who may read what. */
public final class SampleData {
  private SampleData() {}

  /**
   * Makes schemas, rows, roles and grants unless they are there.
   *
   * @param owner a connection to {@code main} as its owner, who may create roles
   * @param readers table to the object ids of who may read it
   */
  public static void install(
      Connection owner, List<String> people, Map<String, List<String>> readers)
      throws SQLException, IOException {
    try (Statement statement = owner.createStatement()) {
      if (!exists(statement, "SELECT FROM pg_namespace WHERE nspname = 'spark'")) {
        owner.setAutoCommit(false);
        statement.execute(script());
        owner.commit();
        owner.setAutoCommit(true);
      }
      for (String person : people) {
        String role = new Person(person, "").role();
        if (!exists(statement, "SELECT FROM pg_roles WHERE rolname = '" + role + "'")) {
          statement.execute("CREATE ROLE " + role + " NOLOGIN");
        }
        statement.execute("GRANT " + role + " TO CURRENT_USER WITH SET TRUE");
        statement.execute("GRANT USAGE ON SCHEMA spark, sales, hr TO " + role);
      }
      for (Map.Entry<String, List<String>> table : readers.entrySet()) {
        for (String person : table.getValue()) {
          statement.execute(
              "GRANT SELECT ON " + table.getKey() + " TO " + new Person(person, "").role());
        }
      }
    }
  }

  private static boolean exists(Statement statement, String query) throws SQLException {
    try (ResultSet rows = statement.executeQuery(query)) {
      return rows.next();
    }
  }

  private static String script() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(SampleData.class.getResourceAsStream("main.sql"), "main.sql")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
