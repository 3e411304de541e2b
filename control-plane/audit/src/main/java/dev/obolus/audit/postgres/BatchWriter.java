// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditLog.LogUnavailable;
import dev.obolus.audit.AuditLog.LogUnavailable.Cause;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.IssuedKey;
import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.chain.Sealable;
import dev.obolus.audit.chain.Sealable.Head;
import dev.obolus.audit.chain.SealedRecord;
import dev.obolus.audit.postgres.Appending.Waiter;
import io.r2dbc.spi.R2dbcException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Takes from the queue, seals, commits, answers; connects anew and finds out what became of a
 * commit. All state belongs to one thread, and one thing is under way at a time; while a commit is,
 * the next batch is sealed as far as there is something to seal.
 *
 * <p>The states: <i>connecting</i> (no session) → <i>opening</i> (a chain's first record) →
 * <i>ready</i>; any failure leads back to connecting.
 */
final class BatchWriter {
  private static final Logger LOG = LoggerFactory.getLogger(BatchWriter.class);
  private static final int MAX_BATCH_BYTES = 4 << 20;
  private static final long RETRY_NANOS = 250_000_000;
  private static final String FENCED = "OB001";
  private static final String DUPLICATE = "23505";

  private final DatabaseSettings database;
  private final LogSettings settings;
  private final ChainKeys keys;
  private final SecureRandom random;
  private final Clock clock;
  private final EventQueue queue;
  private final PostgresAuditLog log;
  private final SafetyCheck safety;
  private final WriterThread thread =
      new WriterThread("obolus-audit-writer", this::round, this::faulty);
  private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
  private final Map<ChainId, Head> remembered = new HashMap<>();
  private final Succession succession;
  private final ClockWatch watch;

  /** What the log has to say itself, written with the next batch. */
  private final List<Sealable> own = new ArrayList<>();

  private volatile LogState state = new LogState.Unavailable(List.of("starting"));
  private @Nullable LogSession session;
  private @Nullable Chain chain;
  private @Nullable Batch unknown;

  /** Sealed while a commit was under way; comes before whatever else the chain has to say. */
  private @Nullable Sealing ahead;

  private String lastSession = "";
  private volatile boolean busy;
  private boolean closing;
  private long checkedAt;
  private long retryAt;

  BatchWriter(
      DatabaseSettings database,
      LogSettings settings,
      ChainKeys keys,
      SecureRandom random,
      Clock clock,
      EventQueue queue,
      PostgresAuditLog log) {
    this.database = database;
    this.settings = settings;
    this.keys = keys;
    this.random = random;
    this.clock = clock;
    this.queue = queue;
    this.log = log;
    this.safety = new SafetyCheck(settings.requireStandby());
    this.succession = new Succession(settings.lease());
    this.watch = new ClockWatch(clock, System::nanoTime);
  }

  void start() {
    retryAt = System.nanoTime();
    thread.start();
  }

  LogState state() {
    return state;
  }

  /** Something was queued. While a batch is under way its end will look at the queue anyway. */
  void wake() {
    if (!busy) {
      thread.wake();
    }
  }

  CompletableFuture<Boolean> close() {
    thread.execute(() -> closing = true);
    return ended;
  }

  private void faulty(RuntimeException fault) {
    LOG.error("audit writer fault", fault);
    lost("writer", fault);
  }

  /** What the thread does whenever it is awake. */
  private void round() {
    long patience = state instanceof LogState.Ready ? settings.patience().toNanos() : 0;
    Cause cause = patience == 0 ? Cause.DATABASE : Cause.OVERLOADED;
    queue.takeOlderThan(patience).forEach(waiter -> refuse(waiter, cause));
    if (busy || state instanceof LogState.Closed) {
      return;
    }
    LogSession connected = session;
    Chain open = chain;
    if (connected == null) {
      reconnect();
    } else if (open == null) {
      openChain(connected);
    } else if (ahead != null) {
      writeNext(connected, open);
    } else if (open.epoch() != epoch(0)) {
      leaveEpoch(connected, open);
    } else if (System.nanoTime() - checkedAt > settings.recheck().toNanos()) {
      recheck(connected, open);
    } else if (watched() || !queue.isEmpty()) {
      writeNext(connected, open);
    } else if (closing) {
      closeChain(connected, open);
    }
  }

  private void reconnect() {
    if (closing) {
      end(false);
    } else if (System.nanoTime() - retryAt >= 0) {
      String name = "obolus-audit-" + HexFormat.of().toHexDigits(random.nextLong());
      Optional<String> predecessor = Optional.of(lastSession).filter(last -> !last.isEmpty());
      lastSession = name;
      await(
          LogSession.open(database, name, predecessor, safety, epochs())
              .flatMap(this::look)
              .timeout(settings.commitTimeout().multipliedBy(3)),
          this::connected,
          failure -> lost("connecting", failure));
    }
  }

  private Mono<Connected> look(LogSession opened) {
    Chain open = chain;
    Mono<Boolean> ended =
        open == null ? Mono.just(false) : opened.hold(open.id()).then(opened.hasEnded(open.id()));
    List<ChainId> ours = List.copyOf(remembered.keySet());
    return ended.flatMap(
        over -> opened.heads(ours).map(heads -> new Connected(opened, heads, over)));
  }

  /**
   * @param ended whether a successor has ended our chain meanwhile
   */
  private record Connected(LogSession session, List<Head> heads, boolean ended) {}

  private void connected(Connected connected) {
    session = connected.session();
    checkedAt = System.nanoTime();
    Chain open = chain;
    if (open != null && (!continues(open, connected.heads()) || connected.ended())) {
      LOG.atWarn()
          .addKeyValue("chain", open.id())
          .log("audit chain was moved by another: leaving it");
      chain = null;
    }
    if (chain != null) {
      ready();
    }
  }

  /** Whether the chain in the database is ours to continue; finds the fate of an unknown batch. */
  private boolean continues(Chain open, List<Head> heads) {
    Batch batch = unknown;
    unknown = null;
    Optional<Head> found =
        heads.stream().filter(head -> head.chain().equals(open.id())).findFirst();
    if (batch != null && found.filter(batch::endsAt).isPresent()) {
      open.rewind(batch.after());
      remember(open);
      own.clear();
      batch.found(open.id(), log);
      LOG.atWarn()
          .addKeyValue("chain", open.id())
          .addKeyValue("seq", open.seq())
          .log("audit batch of unknown fate was found written");
      return true;
    }
    if (batch != null) {
      batch.items().forEach(this::keepIfLeft);
    }
    return found
        .filter(head -> head.seq() == open.seq() && head.mac().equals(open.head()))
        .isPresent();
  }

  private void openChain(LogSession connected) {
    await(
        connected
            .ensure(epochs())
            .then(connected.heads(List.copyOf(remembered.keySet())))
            .flatMap(
                heads -> connected.newest().flatMap(newest -> withKey(connected, heads, newest))),
        others -> writeOpening(connected, others),
        failure -> lost("reading heads", failure));
  }

  private Mono<Others> withKey(
      LogSession connected, List<Head> heads, List<Keyring.Earlier> newest) {
    return keys.next(connected, epoch(0), newest.stream().map(this::corrected).toList())
        .map(key -> new Others(heads, key));
  }

  /** As we know it to have been committed. */
  private Keyring.Earlier corrected(Keyring.Earlier earlier) {
    return new Keyring.Earlier(
        remembered.getOrDefault(earlier.head().chain(), earlier.head()), earlier.keyId());
  }

  private record Others(List<Head> heads, IssuedKey key) {}

  private void writeOpening(LogSession connected, Others others) {
    Chain fresh = new Chain(settings.origin(), others.key(), random, clock);
    Sealable opening =
        new Sealable.Open(
            settings.opened(),
            earlier(others.heads()),
            fresh.keyCommitment(),
            SafetyCheck.REQUIRED_SCHEMA,
            others.key().handover(),
            others.key().revoked());
    SealedRecord record = fresh.seal(opening, Integer.MAX_VALUE);
    await(
        connected
            .hold(fresh.id())
            .then(connected.copy(fresh, List.of(record)))
            .timeout(settings.commitTimeout()),
        written -> {
          chain = fresh;
          own.addAll(setBack(others.heads()));
          remember(fresh);
          ready();
          LOG.atInfo().addKeyValue("chain", fresh.id()).log("audit chain opened");
        },
        failure -> lost("opening a chain", failure));
  }

  /** What the database says, corrected by what we know to have been committed. */
  private List<Head> earlier(List<Head> heads) {
    Map<ChainId, Head> known = new LinkedHashMap<>();
    heads.forEach(head -> known.put(head.chain(), head));
    remembered.forEach((id, ours) ->
        known.merge(id, ours, (theirs, mine) -> theirs.seq() >= mine.seq() ? theirs : mine));
    return List.copyOf(known.values());
  }

  /** A record of what was acknowledged here and is in the database no more. */
  private List<Sealable> setBack(List<Head> heads) {
    Map<ChainId, Long> found = new HashMap<>();
    heads.forEach(head -> found.put(head.chain(), head.seq()));
    List<Head> lost =
        remembered.values().stream()
            .filter(ours -> chain == null || !ours.chain().equals(chain.id()))
            .filter(ours -> found.getOrDefault(ours.chain(), 0L) < ours.seq())
            .toList();
    return lost.isEmpty() ? List.of() : List.of(new Sealable.Recovery(lost));
  }

  private void leaveEpoch(LogSession connected, Chain open) {
    SealedRecord last = open.seal(new Sealable.Close("epoch"), Integer.MAX_VALUE);
    await(
        connected.copy(open, List.of(last)).timeout(settings.commitTimeout()),
        written -> {
          remember(open);
          chain = null;
        },
        failure -> {
          chain = null;
          lost("closing a chain", failure);
        });
  }

  private void closeChain(LogSession connected, Chain open) {
    SealedRecord last = open.seal(new Sealable.Close("shutdown"), Integer.MAX_VALUE);
    await(
        connected
            .copy(open, List.of(last))
            .timeout(settings.commitTimeout())
            .flatMap(written -> connected.close()),
        closed -> end(true),
        failure -> end(false));
  }

  private void end(boolean tidy) {
    state = new LogState.Closed();
    queue.takeOlderThan(0).forEach(waiter -> refuse(waiter, Cause.CLOSED));
    ended.complete(tidy);
    thread.end();
  }

  private void recheck(LogSession connected, Chain open) {
    await(
        connected
            .safe()
            .then(
                keys.held().isPresent() ? connected.unheld(open.id()) : Mono.just(List.<Head>of()))
            .timeout(settings.commitTimeout()),
        unheld -> {
          checkedAt = System.nanoTime();
          keys.held()
              .ifPresent(held ->
                  succession
                      .due(unheld, checkedAt)
                      .ifPresent(left -> takeOver(connected, open, left, held)));
        },
        failure -> lost("checking", failure));
  }

  private void takeOver(LogSession connected, Chain open, Head left, Keyring held) {
    await(
        connected.openPermits(left).timeout(settings.commitTimeout()),
        permits -> takeOver(connected, open, left, Succession.words(left, permits, held)),
        failure -> lost("looking for permits of a chain that was left", failure));
  }

  private void takeOver(LogSession connected, Chain open, Head left, List<Sealable> words) {
    Chain.Mark before = open.mark();
    List<SealedRecord> records =
        words.stream().map(word -> open.seal(word, Integer.MAX_VALUE)).toList();
    Batch batch = new Batch(before, open.mark(), List.of(), records);
    await(
        connected.endAndCopy(left, open, records).timeout(settings.commitTimeout()),
        done -> {
          if (done) {
            remember(open);
            LOG.atInfo()
                .addKeyValue("chain", left.chain())
                .addKeyValue("permits", records.size() - 1)
                .log("audit chain of a gateway that is gone was ended");
          } else {
            open.rewind(before);
          }
        },
        failure -> batchFailed(open, batch, failure));
  }

  private boolean watched() {
    watch.look().ifPresent(own::add);
    return !own.isEmpty();
  }

  private void writeNext(LogSession connected, Chain open) {
    Sealing sealing = ahead == null ? new Sealing(open) : ahead;
    ahead = sealing; // a fault on the way drops it
    sealing.fill();
    own.forEach(sealing::add);
    Batch batch = sealing.batch();
    ahead = null;
    if (batch.records().isEmpty()) {
      return;
    }
    await(
        connected.copy(open, batch.records()).timeout(settings.commitTimeout()),
        written -> {
          remember(open.id(), batch.after());
          own.clear();
          batch.written(open.id(), log);
        },
        failure -> batchFailed(open, batch, failure));
    Sealing next = new Sealing(open);
    ahead = next;
    next.fill();
    if (next.items.isEmpty()) {
      ahead = null;
    }
  }

  /** A batch that is being sealed. */
  private final class Sealing {
    private final Chain open;
    private final Chain.Mark before;
    private final List<EventQueue.Item> items = new ArrayList<>();
    private final List<SealedRecord> records = new ArrayList<>();
    private int bytes;

    Sealing(Chain open) {
      this.open = open;
      this.before = open.mark();
    }

    /** As much as is queued and a batch may hold. */
    void fill() {
      while (records.size() < settings.batch() && bytes < MAX_BATCH_BYTES) {
        List<EventQueue.Item> next = queue.take(1);
        if (next.isEmpty()) {
          return;
        }
        EventQueue.Item item = next.getFirst();
        try {
          SealedRecord record =
              open.seal(new Sealable.Event(item.event(), item.values()), settings.recordBytes());
          bytes += record.size();
          records.add(record);
          items.add(item);
        } catch (IllegalArgumentException e) {
          unsealable(item, e);
        }
      }
    }

    /** What the log says itself: after what it was asked to. */
    void add(Sealable said) {
      records.add(open.seal(said, Integer.MAX_VALUE));
    }

    Batch batch() {
      return new Batch(before, open.mark(), List.copyOf(items), List.copyOf(records));
    }
  }

  private void unsealable(EventQueue.Item item, IllegalArgumentException why) {
    LOG.atWarn().addKeyValue("why", why.getMessage()).log("audit event cannot be sealed");
    RuntimeException failure =
        why instanceof Chain.RecordTooLong ? new LogUnavailable(Cause.TOO_LARGE) : why;
    item.waiter().ifPresent(waiter -> later(() -> waiter.fail(failure)));
  }

  private void batchFailed(Chain open, Batch batch, Throwable failure) {
    Cause cause = cause(failure);
    open.rewind(batch.before());
    if (cause == Cause.UNKNOWN_COMMIT) {
      unknown = batch;
    }
    for (EventQueue.Item item : batch.items()) {
      item.waiter().ifPresent(waiter -> refuse(waiter, cause));
      if (cause != Cause.UNKNOWN_COMMIT) {
        keepIfLeft(item);
      }
    }
    lost("writing", failure);
  }

  /** What was sealed and never sent. The chain's place is found out anew, or was rewound. */
  private void dropAhead() {
    Sealing dropped = ahead;
    ahead = null;
    if (dropped != null) {
      for (EventQueue.Item item : dropped.items) {
        item.waiter().ifPresent(waiter -> refuse(waiter, Cause.DATABASE));
        keepIfLeft(item);
      }
    }
  }

  /** What a caller who has gone left behind is tried again. */
  private void keepIfLeft(EventQueue.Item item) {
    if (item.waiter().isEmpty()) {
      log.offer(item.event());
    }
  }

  private static Cause cause(Throwable failure) {
    String sqlState = failure instanceof R2dbcException known ? known.getSqlState() : null;
    if (sqlState == null || sqlState.startsWith("08") || sqlState.startsWith("57P")) {
      return Cause.UNKNOWN_COMMIT;
    }
    return sqlState.equals(FENCED) || sqlState.equals(DUPLICATE) ? Cause.FENCED : Cause.DATABASE;
  }

  private void ready() {
    Chain open = chain;
    if (open != null) {
      state = new LogState.Ready(open.id());
    }
  }

  private void remember(Chain written) {
    remember(written.id(), written.mark());
  }

  private void remember(ChainId id, Chain.Mark written) {
    remembered.put(id, new Head(id, written.seq(), written.head()));
  }

  /** Back to the beginning: whatever went wrong, the next session finds out where we are. */
  private void lost(String doing, Throwable failure) {
    List<String> reasons =
        failure instanceof LogSession.Unsafe unsafe
            ? unsafe.faults()
            : List.of(doing + ": " + reason(failure));
    if (!new LogState.Unavailable(reasons).equals(state)) {
      LOG.atWarn().addKeyValue("reasons", reasons).log("audit log unavailable");
    }
    state = new LogState.Unavailable(reasons);
    dropAhead();
    LogSession old = session;
    session = null;
    retryAt = System.nanoTime() + RETRY_NANOS;
    if (old != null) {
      old.close().subscribe();
    }
  }

  private static String reason(Throwable failure) {
    if (failure instanceof IssuedKeys.Refused refused) {
      return String.valueOf(refused.getMessage());
    }
    String sqlState = failure instanceof R2dbcException known ? known.getSqlState() : null;
    return failure.getClass().getSimpleName() + (sqlState == null ? "" : " " + sqlState);
  }

  private static void refuse(Waiter waiter, Cause cause) {
    later(() -> waiter.fail(new LogUnavailable(cause)));
  }

  /** Answers run elsewhere: what follows an answer must not hold up the writer. */
  private static void later(Runnable answer) {
    Schedulers.parallel().schedule(answer);
  }

  /** Runs what is asked of the database; its end comes back to the writer's thread. */
  private <T> void await(Mono<T> asked, Consumer<T> then, Consumer<Throwable> otherwise) {
    busy = true;
    asked.subscribe(
        value -> thread.execute(() -> resume(() -> then.accept(value))),
        failure -> thread.execute(() -> resume(() -> otherwise.accept(failure))));
  }

  private void resume(Runnable next) {
    busy = false;
    next.run();
  }

  private int[] epochs() {
    return new int[] {epoch(0), epoch(1)};
  }

  private int epoch(int ahead) {
    YearMonth month = YearMonth.now(clock.withZone(ZoneOffset.UTC)).plusMonths(ahead);
    return month.getYear() * 100 + month.getMonthValue();
  }

  /** What is committed at once. */
  private record Batch(
      Chain.Mark before,
      Chain.Mark after,
      List<EventQueue.Item> items,
      List<SealedRecord> records) {

    boolean endsAt(Head head) {
      return head.seq() == after.seq() && head.mac().equals(after.head());
    }

    void written(ChainId chain, PostgresAuditLog log) {
      each(
          chain,
          (item, receipt) ->
              item.waiter()
                  .ifPresent(waiter -> later(() -> waiter.tell(receipt, log::nobodyWaited))));
    }

    void found(ChainId chain, PostgresAuditLog log) {
      each(chain, (item, receipt) -> log.foundLater(item.event(), receipt));
    }

    private void each(
        ChainId chain, java.util.function.BiConsumer<EventQueue.Item, Receipt> action) {
      for (int i = 0; i < items.size(); i++) {
        SealedRecord record = records.get(i);
        action.accept(items.get(i), new Receipt(chain, record.seq(), record.leaf().hex()));
      }
    }
  }
}
