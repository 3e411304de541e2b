// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.ChainId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import org.postgresql.util.PSQLException;

/**
 * Rows in PostgreSQL's binary COPY format, read ahead by a thread of its own, so that one core
 * reads while another checks. To be closed; ends the statement if it is left early.
 */
final class RowStream implements AutoCloseable {
  private static final int BATCH = 256;
  private static final int BATCHES_AHEAD = 16;
  private static final byte[][] END = {};
  private static final byte[] SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n'};
  private static final int HEADER = 19;

  private final CopyOut copy;
  private final BlockingQueue<byte[][]> ahead = new ArrayBlockingQueue<>(BATCHES_AHEAD);
  private final Thread reader =
      Thread.ofPlatform().daemon().name("obolus-fsck-reader").unstarted(this::readAhead);
  private volatile boolean left;
  private volatile @org.jspecify.annotations.Nullable SQLException failure;
  private byte[][] batch = END;
  private int next;
  private boolean ended;

  private RowStream(CopyOut copy) {
    this.copy = copy;
  }

  static RowStream of(Connection connection, String query) throws SQLException {
    RowStream stream =
        new RowStream(
            connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut("COPY (" + query + ") TO STDOUT (FORMAT binary)"));
    stream.reader.start();
    return stream;
  }

  /** A chain's records from one to another, in order. */
  static RowStream of(Connection connection, ChainId chain, long from, long to)
      throws SQLException {
    return of(
        connection,
        "SELECT "
            + RawRow.COLUMNS
            + " FROM obolus.audit_record WHERE chain = '\\x"
            + chain
            + "' AND seq BETWEEN "
            + from
            + " AND "
            + to
            + " ORDER BY seq");
  }

  /** Goes to the next row; false at the end. */
  boolean next(RawRow row) throws SQLException {
    while (true) {
      while (next < batch.length) {
        byte[] message = batch[next++];
        int from = header(message) ? HEADER : 0;
        if (message.length - from > Short.BYTES) {
          row.read(message, from);
          return true;
        }
      }
      if (ended) {
        return false;
      }
      batch = take();
      next = 0;
      ended = batch.length == 0;
      SQLException failed = failure;
      if (ended && failed != null) {
        throw failed;
      }
    }
  }

  private static boolean header(byte[] message) {
    return message.length >= HEADER
        && java.util.Arrays.equals(message, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
  }

  private byte[][] take() throws SQLException {
    try {
      return ahead.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted while reading", e);
    }
  }

  private void readAhead() {
    byte[][] filling = new byte[BATCH][];
    int filled = 0;
    try {
      for (byte[] row = copy.readFromCopy(); row != null && !left; row = copy.readFromCopy()) {
        filling[filled++] = row;
        if (filled == BATCH) {
          put(filling);
          filling = new byte[BATCH][];
          filled = 0;
        }
      }
    } catch (SQLException e) {
      failure = e;
    }
    if (filled > 0) {
      put(java.util.Arrays.copyOf(filling, filled));
    }
    put(END);
  }

  private void put(byte[][] rows) {
    try {
      boolean taken = false;
      while (!taken && !left) {
        taken = ahead.offer(rows, 100, java.util.concurrent.TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      left = true;
    }
  }

  @Override
  public void close() throws SQLException {
    left = true;
    try {
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (copy.isActive()) {
      try {
        copy.cancelCopy();
      } catch (PSQLException e) {
        if (!"57014".equals(e.getSQLState())) {
          throw e;
        }
      }
    }
  }
}
