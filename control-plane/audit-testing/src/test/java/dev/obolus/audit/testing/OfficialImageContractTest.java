// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.obolus.sandbox.postgres.TestPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** On the official image, which the deployed shape uses, where a Docker engine answers. */
class OfficialImageContractTest extends PostgresContract {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static @Nullable PostgreSQLContainer container;

  @BeforeAll
  static void start() throws SQLException {
    assumeTrue(DockerClientFactory.instance().isDockerAvailable(), "no Docker engine answers");
    PostgreSQLContainer started = new PostgreSQLContainer("postgres:18");
    started.start();
    container = started;
    for (String role :
        new String[] {TestPostgres.OWNER, TestPostgres.GATEWAY, TestPostgres.CONSOLE}) {
      execute("CREATE ROLE " + role + " LOGIN PASSWORD '" + role + "'");
    }
  }

  @AfterAll
  static void stop() {
    if (container != null) {
      container.stop();
    }
  }

  @Override
  Place place() throws SQLException {
    String name = "contract_" + NUMBER.incrementAndGet();
    execute("CREATE DATABASE " + name + " OWNER " + TestPostgres.OWNER);
    return new Place(running().getHost(), running().getMappedPort(5432), name);
  }

  private static void execute(String sql) throws SQLException {
    try (Connection admin =
            DriverManager.getConnection(
                running().getJdbcUrl(), running().getUsername(), running().getPassword());
        Statement statement = admin.createStatement()) {
      statement.execute(sql);
    }
  }

  private static PostgreSQLContainer running() {
    return java.util.Objects.requireNonNull(container);
  }
}
