// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.live;

import dev.obolus.audit.AuditFeed;
import dev.obolus.audit.AuditReader;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.query.Searchable;
import dev.obolus.console.live.Ring.Line;
import dev.obolus.console.reading.Entry;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/**
 * The end of the log, followed once for all viewers from the moment the console starts.
 *
 * <p>After the database was away it goes on from its own last heads, so no record is left out. This
 * is a process edge: it subscribes.
 */
public final class Tail implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Tail.class);
  static final Duration TICK = Duration.ofMillis(250);
  private static final int LINES = 16_384;
  private static final Duration FIRST_RETRY = Duration.ofMillis(500);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);
  private static final Duration PROBE = Duration.ofSeconds(5);

  private final AuditReader reader;
  private final AuditFeed feed;
  private final Clock clock;
  private final Ring ring = new Ring(LINES);
  private final Map<ChainId, Long> heads = new ConcurrentHashMap<>();
  private final Recent decisions = new Recent(LINES);
  private final AtomicReference<Optional<Instant>> staleSince;
  private final Sinks.One<String> closing = Sinks.one();
  private final String boot;
  private final Flux<Tick> ticks;
  private volatile boolean seeded;
  private volatile Disposable following = Disposables.disposed();

  public Tail(
      AuditReader reader, AuditFeed feed, Scheduler timer, SecureRandom random, Clock clock) {
    this.reader = reader;
    this.feed = feed;
    this.clock = clock;
    this.staleSince = new AtomicReference<>(Optional.of(clock.instant()));
    var bytes = new byte[4];
    random.nextBytes(bytes);
    this.boot = HexFormat.of().formatHex(bytes);
    this.ticks = Flux.defer(() -> cuts(timer)).publish().refCount(1);
  }

  /**
   * What came since the last tick.
   *
   * @param staleSince since when the log cannot be followed, if so
   */
  record Tick(long from, long to, List<Line> lines, Optional<Instant> staleSince) {}

  /**
   * A place in the tail.
   *
   * @param boot of this console's start; of another one it means nothing
   */
  record Position(String boot, long number) {
    static Optional<Position> parse(String text) {
      return text.matches("[0-9a-f]{8}-[0-9]{1,18}")
          ? Optional.of(new Position(text.substring(0, 8), Long.parseLong(text.substring(9))))
          : Optional.empty();
    }

    @Override
    public String toString() {
      return boot + "-" + number;
    }
  }

  /** Everything up to here has been considered. */
  Position position() {
    return at(ring.position());
  }

  Position at(long number) {
    return new Position(boot, number);
  }

  /** Since when the log cannot be followed; empty while it can. */
  Optional<Instant> staleSince() {
    return staleSince.get();
  }

  /** A tick every 250 ms for as long as somebody looks. */
  Flux<Tick> ticks() {
    return ticks;
  }

  /** Emits when the console stops. */
  Mono<String> closing() {
    return closing.asMono();
  }

  /** The lines after a position, if they are still here. */
  Optional<List<Line>> since(Position position, long to) {
    return position.boot().equals(boot) ? ring.between(position.number(), to) : Optional.empty();
  }

  private Flux<Tick> cuts(Scheduler timer) {
    var last = new AtomicLong(ring.position());
    return Flux.interval(TICK, timer).onBackpressureDrop().map(i -> cut(last));
  }

  private Tick cut(AtomicLong last) {
    long to = ring.position();
    long from = last.getAndSet(to);
    return new Tick(from, to, ring.between(from, to).orElse(List.of()), staleSince.get());
  }

  @Override
  public void start() {
    following =
        Flux.defer(this::follow)
            .doOnNext(this::take)
            .doOnError(this::lost)
            .retryWhen(Retry.backoff(Long.MAX_VALUE, FIRST_RETRY).maxBackoff(LAST_RETRY))
            .subscribe();
  }

  private Flux<AuditRecord> follow() {
    return reader
        .heads()
        .timeout(PROBE)
        .doOnNext(this::found)
        .flatMapMany(h -> feed.follow(Map.copyOf(heads)));
  }

  private void found(Map<ChainId, Long> now) {
    if (!seeded) {
      heads.putAll(now);
      seeded = true;
    }
    staleSince.set(Optional.empty());
  }

  private void take(AuditRecord record) {
    heads.merge(record.chain(), record.seq(), Math::max);
    var sealed = Entry.of(record);
    decisions.note(sealed);
    ring.add(
        new Line(
            record.tenants(),
            Searchable.of(record),
            sealed,
            sealed.permit().flatMap(decisions::find).map(sealed::toldBy).orElse(sealed)));
  }

  private void lost(Throwable cause) {
    if (staleSince.compareAndSet(Optional.empty(), Optional.of(clock.instant()))) {
      LOG.atWarn().addKeyValue("cause", cause.toString()).log("the audit log cannot be followed");
    }
  }

  @Override
  public void stop() {
    closing.tryEmitValue("restart").orThrow();
    following.dispose();
  }

  @Override
  public boolean isRunning() {
    return !following.isDisposed();
  }
}
