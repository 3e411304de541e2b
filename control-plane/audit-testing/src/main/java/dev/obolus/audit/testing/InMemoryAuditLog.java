// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.testing;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Cancelled;
import dev.obolus.audit.AuditEvent.Conclusion;
import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.AuditLog.LogUnavailable.Cause;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.chain.Sealable;
import dev.obolus.audit.chain.SealedRecord;
import dev.obolus.audit.chain.ValueSeal;
import dev.obolus.audit.personal.SealingKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * A log in memory that keeps its promises as the real one does: real chain, real receipts. It can
 * be told to fail from some event on, and shows what was written.
 */
public final class InMemoryAuditLog implements AuditLog {
  private static final int RECORD_BYTES = 256 * 1024;

  private final Chain chain;
  private final ValueSeal values = SealingKeys.unkept(new SecureRandom());
  private final List<AuditEvent> events = new ArrayList<>();
  private Predicate<AuditEvent> refuses = event -> false;
  private Cause cause = Cause.DATABASE;

  public InMemoryAuditLog() {
    chain = new Chain("obolus/memory", 202601, key(), new SecureRandom(), Clock.systemUTC());
    SealedRecord _ =
        chain.seal(
            new Sealable.Open(Map.of(), List.of(), chain.keyCommitment(), "-"), RECORD_BYTES);
  }

  @Override
  public Mono<Receipt> append(AuditEvent event) {
    return Mono.create(sink -> append(event, sink));
  }

  private void append(AuditEvent event, MonoSink<Receipt> sink) {
    AtomicBoolean gone = new AtomicBoolean();
    sink.onCancel(() -> gone.set(true));
    try {
      Receipt receipt = write(event);
      if (gone.get()) {
        nobodyWaited(event, receipt);
      } else {
        sink.success(receipt);
      }
    } catch (RuntimeException e) {
      sink.error(e);
    }
  }

  @Override
  public void offer(AuditEvent event) {
    Receipt _ = write(event);
  }

  /** From now on refuses such events, for this cause. */
  public synchronized void refuse(Predicate<AuditEvent> which, Cause why) {
    refuses = which;
    cause = why;
  }

  /** What was written, in order. */
  public synchronized List<AuditEvent> events() {
    return List.copyOf(events);
  }

  /** The written events of this type. */
  public <T extends AuditEvent> List<T> events(Class<T> type) {
    return events().stream().filter(type::isInstance).map(type::cast).toList();
  }

  private synchronized Receipt write(AuditEvent event) {
    if (refuses.test(event)) {
      throw new LogUnavailable(cause);
    }
    try {
      SealedRecord record = chain.seal(new Sealable.Event(event, values), RECORD_BYTES);
      events.add(event);
      return new Receipt(chain.id(), record.seq(), record.leaf().hex());
    } catch (Chain.RecordTooLong e) {
      throw new LogUnavailable(Cause.TOO_LARGE);
    }
  }

  private void nobodyWaited(AuditEvent event, Receipt receipt) {
    if (event instanceof Decided permit && permit.effect().equals("allow")) {
      offer(new Cancelled(Conclusion.untouched(permit, receipt), "not_called"));
    }
  }

  private static RootKey key() {
    try {
      Path folder = Files.createTempDirectory("obolus-memory-log-");
      Path file = folder.resolve("root.key");
      try {
        return RootKey.create(file, new SecureRandom());
      } finally {
        Files.deleteIfExists(file);
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
