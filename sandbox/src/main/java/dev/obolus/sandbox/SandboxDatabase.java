// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox;

import dev.obolus.sandbox.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Makes the sandbox's database on a server, and starts a sandbox on it: for tests and the demo. */
public final class SandboxDatabase {
  public static final String NAME = "main";
  public static final String OWNER = "sandbox_owner";

  private SandboxDatabase() {}

  /** Creates database and owner unless they are there. */
  public static void create(PostgresServer server, String password) throws SQLException {
    server.createRole(OWNER, password);
    try (Connection admin = server.connect("postgres");
        Statement statement = admin.createStatement()) {
      statement.execute("ALTER ROLE " + OWNER + " CREATEROLE");
    }
    server.createDatabase(NAME, OWNER);
  }

  /** A sandbox on free ports of this machine, on a server of its own. */
  public static Sandbox start(PostgresServer server, Path data) throws SQLException, IOException {
    String password = "sandbox";
    create(server, password);
    return Sandbox.start(
        new SandboxOptions("127.0.0.1", 0, 0, false, data, server.jdbcUrl(NAME), OWNER, password));
  }
}
