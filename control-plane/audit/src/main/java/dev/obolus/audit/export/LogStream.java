// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.export;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.ChainId;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * Sends every record to a sink, each chain in order, none left out, at least once: the cursor moves
 * when the sink has taken a page. A receiver tells repeats by the event id. It is a process of its
 * own that reads the views, so nothing that happens to it can hold up a decision.
 */
public final class LogStream {
  private static final int PAGE = 500;

  private final LogSource source;
  private final Format format;
  private final Sink sink;
  private final Cursor cursor;

  public LogStream(LogSource source, Format format, Sink sink, Cursor cursor) {
    this.source = source;
    this.format = format;
    this.sink = sink;
    this.cursor = cursor;
  }

  /** Sends what is new; answers how many records that were. */
  public long round() throws SQLException, IOException, InterruptedException {
    long sent = 0;
    for (Map.Entry<ChainId, Long> head : source.heads().entrySet()) {
      ChainId chain = head.getKey();
      while (cursor.of(chain) < head.getValue()) {
        List<AuditRecord> page = source.after(chain, cursor.of(chain), PAGE);
        if (page.isEmpty()) {
          break;
        }
        sink.send(page.stream().map(format::line).toList());
        cursor.move(chain, page.getLast().seq());
        sent += page.size();
      }
    }
    return sent;
  }
}
