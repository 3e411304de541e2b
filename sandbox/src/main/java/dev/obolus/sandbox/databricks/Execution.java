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
  private static final long CANCEL_AGAIN_MS = 50;
  private final String id = UUID.randomUUID().toString();
  private final Person person;
  private final CountDownLatch done = new CountDownLatch(1);
  private State state = State.PENDING;
  private final CountDownLatch ended = new CountDownLatch(1);
  private List<Statement> running = List.of();
  private boolean finishing;
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
  synchronized boolean begin(Statement... statements) {
    if (state != State.PENDING) {
      return false;
    }
    state = State.RUNNING;
    running = List.of(statements);
    return true;
  }

  /** From here on it can no longer be cancelled. False where it has been: roll back. */
  synchronized boolean finish() {
    finishing = state == State.RUNNING;
    return finishing;
  }

  /** The engine has let go of it. */
  void end() {
    ended.countDown();
  }

  /** Waits until the engine no longer works on it, which may be later than it is answered. */
  boolean hasEnded(long seconds) throws InterruptedException {
    return ended.await(seconds, TimeUnit.SECONDS);
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

  /** Does nothing to what is finished, or about to be. */
  synchronized void cancel() {
    if (finishing || (state != State.PENDING && state != State.RUNNING)) {
      return;
    }
    boolean inEngine = state == State.RUNNING;
    state = State.CANCELED;
    if (inEngine) {
      Thread.ofVirtual().name("cancel-" + id).start(this::stopEngine);
    }
    done.countDown();
  }

  /** Again and again: a cancellation that comes before the engine has begun is lost. */
  private void stopEngine() {
    try {
      do {
        for (Statement statement : running) {
          statement.cancel();
        }
      } while (!ended.await(CANCEL_AGAIN_MS, TimeUnit.MILLISECONDS));
    } catch (SQLException e) {
      System.err.println("the engine did not take a cancellation: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
