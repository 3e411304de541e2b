// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.audit.postgres.DatabaseSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.ds.PGSimpleDataSource;

/** Connects to the log's database over JDBC, for work that may wait. Blocks. */
final class LogConnection {
  private static final int CONNECT_SECONDS = 5;
  private final DatabaseSettings database;

  LogConnection(DatabaseSettings database) {
    this.database = database;
  }

  /**
   * A connection, to be closed by the caller.
   *
   * @param name shown by the server
   * @param readSeconds how long an answer may take
   */
  Connection open(String name, int readSeconds) throws SQLException, IOException {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(new String[] {database.host()});
    source.setPortNumbers(new int[] {database.port()});
    source.setDatabaseName(database.database());
    source.setUser(database.username());
    source.setPassword(Files.readString(database.passwordFile()).strip());
    source.setApplicationName(name);
    source.setConnectTimeout(CONNECT_SECONDS);
    source.setSocketTimeout(readSeconds);
    source.setSslMode(
        switch (database.tls()) {
          case VERIFIED -> "verify-full";
          case PLAIN -> "disable";
        });
    source.setSslfactory("org.postgresql.ssl.DefaultJavaSSLFactory");
    return source.getConnection();
  }
}
