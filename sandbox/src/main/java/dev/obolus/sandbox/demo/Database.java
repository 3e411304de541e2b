// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import dev.obolus.sandbox.postgres.PostgresServer;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** The demo's PostgreSQL with the three roles and the database, as an administrator makes them. */
final class Database {
  static final String NAME = "obolus";

  private Database() {}

  static PostgresServer start(Home home, int port) throws IOException, DemoFault {
    PostgresServer server = PostgresServer.start(home.cluster(), port, home.password("postgres"));
    try {
      for (String role : List.of(Home.OWNER, Home.GATEWAY, Home.CONSOLE)) {
        server.createRole(role, Secrets.read(home.password(role)));
      }
      server.createDatabase(NAME, Home.OWNER);
      server.grantConnect(NAME, Home.GATEWAY, Home.CONSOLE);
      return server;
    } catch (SQLException e) {
      server.stop();
      throw new DemoFault(
          "the database in "
              + home.cluster()
              + " does not accept the passwords in "
              + home.keys()
              + "; start over with: rm -rf "
              + home.data(),
          e);
    }
  }
}
