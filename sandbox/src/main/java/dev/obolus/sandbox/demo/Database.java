// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import dev.obolus.sandbox.postgres.PostgresServer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** The demo's two PostgreSQL servers, with roles and databases as an administrator makes them. */
final class Database {
  static final String LOG = "obolus";
  static final String SOURCE = "main";

  private Database() {}

  /** The log's, with the three roles. */
  static PostgresServer startLog(Home home, int port) throws IOException, DemoFault {
    PostgresServer server = PostgresServer.start(home.cluster(), port, home.password("postgres"));
    try {
      for (String role : List.of(Home.OWNER, Home.GATEWAY, Home.CONSOLE)) {
        server.createRole(role, Secrets.read(home.password(role)));
      }
      server.createDatabase(LOG, Home.OWNER);
      server.grantConnect(LOG, Home.GATEWAY, Home.CONSOLE);
      return server;
    } catch (SQLException e) {
      throw locked(home, server, e);
    }
  }

  /** The stand-in data plane's, whose owner makes a role for each person. */
  static PostgresServer startSource(Home home) throws IOException, DemoFault {
    PostgresServer server =
        PostgresServer.start(home.source(), 0, home.password("sandbox_postgres"));
    try {
      server.createRole(Home.SOURCE_OWNER, Secrets.read(home.password(Home.SOURCE_OWNER)));
      try (Connection connection = server.connect("postgres");
          Statement statement = connection.createStatement()) {
        statement.execute("ALTER ROLE " + Home.SOURCE_OWNER + " CREATEROLE");
      }
      server.createDatabase(SOURCE, Home.SOURCE_OWNER);
      return server;
    } catch (SQLException e) {
      throw locked(home, server, e);
    }
  }

  private static DemoFault locked(Home home, PostgresServer server, SQLException fault)
      throws IOException {
    server.stop();
    return new DemoFault(
        "the database in "
            + server.dataDir()
            + " does not accept the passwords in "
            + home.keys()
            + "; start over with: rm -rf "
            + home.data(),
        fault);
  }
}
