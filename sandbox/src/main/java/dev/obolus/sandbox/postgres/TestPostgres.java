// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * For tests: one server per JVM, started when first asked for and removed with the JVM, handing out
 * fresh databases. Roles {@code obolus_owner}, {@code obolus_gateway} and {@code obolus_console}
 * exist, each with its own name as password.
 */
public final class TestPostgres {
  public static final String OWNER = "obolus_owner";
  public static final String GATEWAY = "obolus_gateway";
  public static final String CONSOLE = "obolus_console";

  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static @Nullable PostgresServer shared;

  private TestPostgres() {}

  /** The JVM's server. Do not stop it: a test that must, starts one with {@link #own}. */
  public static synchronized PostgresServer shared() {
    PostgresServer running = shared;
    if (running == null) {
      running = own();
      shared = running;
    }
    return running;
  }

  /** A server of the test's own, with the roles; ended and deleted with the JVM at the latest. */
  public static PostgresServer own() {
    try {
      Path folder = Files.createTempDirectory("obolus-test-postgres-");
      PostgresServer server =
          PostgresServer.start(folder.resolve("pg"), 0, folder.resolve("postgres.password"));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> discard(server, folder)));
      for (String role : new String[] {OWNER, GATEWAY, CONSOLE}) {
        server.createRole(role, role);
      }
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A fresh, empty database on the JVM's server. */
  public static Database fresh() {
    return fresh(shared());
  }

  /** A fresh, empty database, owned by {@link #OWNER}; the other two roles may connect. */
  public static Database fresh(PostgresServer server) {
    String name = "test_" + ProcessHandle.current().pid() + "_" + NUMBER.incrementAndGet();
    try {
      server.createDatabase(name, OWNER);
      server.grantConnect(name, GATEWAY, CONSOLE);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return new Database(server, name);
  }

  private static void discard(PostgresServer server, Path folder) {
    try {
      server.stop();
      Binaries.deleteTree(folder);
    } catch (IOException e) {
      System.err.println("left behind: " + folder + ": " + e.getMessage());
    }
  }

  /** Where a fresh database is. */
  public record Database(PostgresServer server, String name) {
    public String host() {
      return server.host();
    }

    public int port() {
      return server.port();
    }

    public String jdbcUrl() {
      return server.jdbcUrl(name);
    }

    /** A connection as one of the three roles. */
    public Connection as(String role) throws SQLException {
      return server.connect(name, role, role);
    }

    /** A connection as the superuser: what an attacker with the whole database has. */
    public Connection asSuperuser() throws SQLException {
      return server.connect(name);
    }
  }
}
