// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.databricks;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One statement at the source, from submission until it is forgotten. */
final class Execution {
  private final String id = UUID.randomUUID().toString();
  private final Person person;
  private final CountDownLatch done = new CountDownLatch(1);
  private State state = State.PENDING;
  private @Nullable Statement running;
  private @Nullable Table table;
  private @Nullable SqlFailure failure;

  Execution(Person person) {
    this.person = person;
  }

  enum State {
    PENDING,
    RUNNING,
    SUCCEEDED,
    FAILED,
    CANCELED
  }

  String id() {
    return id;
  }

  boolean isOf(Person other) {
    return person.equals(other);
  }

  Person person() {
    return person;
  }

  synchronized State state() {
    return state;
  }

  synchronized @Nullable Table table() {
    return table;
  }

  synchronized @Nullable SqlFailure failure() {
    return failure;
  }

  /** False where it was cancelled before it began. */
  synchronized boolean begin(Statement statement) {
    if (state != State.PENDING) {
      return false;
    }
    state = State.RUNNING;
    running = statement;
    return true;
  }

  synchronized void succeed(Table result) {
    if (state == State.RUNNING) {
      table = result;
      state = State.SUCCEEDED;
    }
    done.countDown();
  }

  synchronized void fail(SqlFailure why) {
    if (state != State.CANCELED) {
      failure = why;
      state = State.FAILED;
    }
    done.countDown();
  }

  synchronized void cancel() throws SQLException {
    if (state != State.PENDING && state != State.RUNNING) {
      return;
    }
    state = State.CANCELED;
    if (running != null) {
      running.cancel();
    }
    done.countDown();
  }

  boolean await(long seconds) throws InterruptedException {
    return done.await(seconds, TimeUnit.SECONDS);
  }

  /**
   * A result, gathered.
   *
   * @param truncated a limit of the request cut it
   */
  record Table(List<Column> columns, List<List<@Nullable String>> rows, boolean truncated) {
    record Column(String name, String typeName, String typeText) {}
  }
}
