// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditFeed;
import dev.obolus.audit.AuditReader;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;

/**
 * What a console opens: reading and following through the views, as a role that can do nothing
 * else. Connects when first used.
 */
public final class AuditViews implements AutoCloseable {
  /** A page that nobody waits for any more is not worth the server's time. */
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private final ConnectionPool pool;
  private final PostgresAuditReader reader;
  private final AuditFeed feed;

  private AuditViews(DatabaseSettings database, Committed own) {
    this.pool = pool(Connections.to(database, "obolus-audit-reader", LONGEST), 6);
    this.reader = new PostgresAuditReader(pool);
    this.feed =
        new PostgresAuditFeed(
            reader,
            own,
            new HintListener(Connections.to(database, "obolus-audit-listener")),
            PostgresAuditFeed.Pace.USUAL);
  }

  public static AuditViews open(DatabaseSettings database) {
    return open(database, new Committed());
  }

  /** In a process that writes the log itself. */
  static AuditViews open(DatabaseSettings database, Committed own) {
    return new AuditViews(database, own);
  }

  /** Few connections, made when they are needed. */
  static ConnectionPool pool(DatabaseSettings database, String name, int most) {
    return pool(Connections.to(database, name), most);
  }

  private static ConnectionPool pool(ConnectionFactory connections, int most) {
    return new ConnectionPool(
        ConnectionPoolConfiguration.builder(connections)
            .initialSize(0)
            .maxSize(most)
            .maxIdleTime(Duration.ofMinutes(5))
            .maxAcquireTime(Duration.ofSeconds(5))
            .maxCreateConnectionTime(Duration.ofSeconds(5))
            .validationQuery("SELECT 1")
            .build());
  }

  public AuditReader reader() {
    return reader;
  }

  /**
   * Records are found by asking for the heads of chains every 200 ms; where the writers' hints
   * arrive, at once.
   */
  public AuditFeed feed() {
    return feed;
  }

  @Override
  public void close() {
    pool.dispose();
  }
}
