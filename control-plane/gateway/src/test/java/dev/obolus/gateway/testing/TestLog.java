// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.testing;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.Receipt;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import reactor.core.publisher.Mono;

/** A log in memory that can be taken down. */
public final class TestLog implements AuditLog {
  public static final ChainId CHAIN = new ChainId(Bytes.ofHex("0c".repeat(16)));

  private final List<AuditEvent> events = new CopyOnWriteArrayList<>();
  private volatile boolean down;

  @Override
  public Mono<Receipt> append(AuditEvent event) {
    return Mono.fromCallable(() -> {
      if (down) {
        throw new LogUnavailable(LogUnavailable.Cause.DATABASE);
      }
      events.add(event);
      return receipt(events.size());
    });
  }

  @Override
  public void offer(AuditEvent event) {
    events.add(event);
  }

  public static Receipt receipt(long seq) {
    return new Receipt(CHAIN, seq, "ab".repeat(32));
  }

  public List<AuditEvent> events() {
    return List.copyOf(events);
  }

  public void down(boolean now) {
    down = now;
  }

  public void clear() {
    events.clear();
    down = false;
  }
}
