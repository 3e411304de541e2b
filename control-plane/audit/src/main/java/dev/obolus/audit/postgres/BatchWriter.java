// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditLog.LogUnavailable;
import dev.obolus.audit.AuditLog.LogUnavailable.Cause;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.chain.Sealable;
import dev.obolus.audit.chain.Sealable.Head;
import dev.obolus.audit.chain.SealedRecord;
import dev.obolus.audit.postgres.Appending.Waiter;
import dev.obolus.audit.postgres.Succession.Left;
import dev.obolus.audit.postgres.Succession.Slice;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

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

  /** How long before the turn of a month its chain's key is asked for. */
  private static final Duration AHEAD = Duration.ofDays(3);

  private static final long RETRY_NANOS = 250_000_000;
  private static final int WORTH_WAKING = 8;

  private final DatabaseSettings database;
  private final LogSettings settings;
  private final ChainKeys keys;
  private final SecureRandom random;
  private final Clock clock;
  private final EventQueue queue;
  private final SafetyCheck safety;
  private final WriterThread thread =
      new WriterThread("obolus-audit-writer", this::round, this::faulty);
  private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
  private final KnownHeads known = new KnownHeads();
  private final Succession succession;
  private final ClockWatch watch;

  private final Batches batches;
  private final Committed committed;

  private volatile LogState state = new LogState.Unavailable(List.of("starting"));
  private @Nullable LogSession session;
  private @Nullable Chain chain;
  private String lastSession = "";
  private volatile boolean busy;

  /** Whether a batch is under way, and more can be sealed meanwhile. */
  private volatile boolean sealsAhead;

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
    this.batches = new Batches(settings, queue, log);
    this.committed = log.committed();
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

  /**
   * Something was queued. While a batch is under way its end will look at the queue anyway: only
   * for enough to be sealed meanwhile is it worth waking.
   */
  void wake() {
    if (!busy || (sealsAhead && queue.waiting() >= WORTH_WAKING)) {
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
    LogSession connected = session;
    Chain open = chain;
    if (busy || state instanceof LogState.Closed) {
      sealsAhead = sealsAhead && open != null && batches.sealAhead(open);
      return;
    }
    if (connected == null) {
      reconnect();
    } else if (open == null) {
      openChain(connected);
    } else if (batches.isSealedAhead()) {
      writeNext(connected, open);
    } else if (isOver(open)) {
      leaveEpoch(connected, open);
    } else if (isCheckDue()) {
      recheck(connected, open);
    } else if (hasSomething()) {
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
        open == null ? Mono.just(false) : opened.hold(held(open)).then(opened.hasEnded(open.id()));
    List<ChainId> ours = known.chains();
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
    if (open != null && !continues(open, connected)) {
      chain = null;
    }
    if (chain != null) {
      ready();
    }
  }

  /** Whether the chain in the database is ours to continue; finds the fate of an unknown batch. */
  private boolean continues(Chain open, Connected connected) {
    Optional<Head> head =
        connected.heads().stream().filter(one -> one.chain().equals(open.id())).findFirst();
    Optional<Batch> found = batches.found(open, head);
    if (found.isPresent()) {
      remember(open);
      LOG.atWarn()
          .addKeyValue("chain", open.id())
          .addKeyValue("seq", open.seq())
          .log("audit batch of unknown fate was found written");
    }
    if (found.filter(Batch::closes).isPresent()) {
      return false; // we have left it ourselves
    }
    boolean same =
        head.filter(there -> there.seq() == open.seq() && there.mac().equals(open.head()))
            .isPresent();
    if (!same || connected.ended()) {
      LOG.atWarn()
          .addKeyValue("chain", open.id())
          .log("audit chain was moved by another: leaving it");
      batches.permits().leave(open.id());
    }
    return same && !connected.ended();
  }

  /** Chains that nobody else may speak for: the one we write, and those we owe outcomes. */
  private Set<ChainId> held(Chain open) {
    Set<ChainId> held = new HashSet<>(batches.permits().chains());
    held.add(open.id());
    return held;
  }

  private void openChain(LogSession connected) {
    await(
        connected.ensure(epochs()).then(Opening.look(connected, keys, known, epoch(0))),
        opening -> writeOpening(connected, opening),
        failure -> lost("reading heads", failure));
  }

  private void writeOpening(LogSession connected, Opening opening) {
    Chain fresh = new Chain(settings.origin(), opening.key(), random, clock);
    SealedRecord record = fresh.seal(opening.record(settings, fresh, known), Integer.MAX_VALUE);
    await(
        connected
            .hold(held(fresh))
            .then(connected.copy(CopyRows.of(fresh, List.of(record))))
            .timeout(settings.commitTimeout()),
        written -> {
          chain = fresh;
          known.setBack(opening.heads()).ifPresent(batches::say);
          remember(fresh);
          committed.tell(fresh.id(), List.of(record));
          ready();
          LOG.atInfo().addKeyValue("chain", fresh.id()).log("audit chain opened");
        },
        failure -> lost("opening a chain", failure));
  }

  /** Calls that are under way go on; their outcomes come to stand in the next chain. */
  private void leaveEpoch(LogSession connected, Chain open) {
    Batch batch = Batches.of(open, List.of(new Sealable.Close("epoch")));
    boolean answered = batches.permits().isAnswered(open.id());
    await(
        connected
            .copy(batch.rows())
            .flatMap(_ -> answered ? connected.others().answered(open.id()) : Mono.just(true))
            .timeout(settings.commitTimeout()),
        written -> {
          remember(open);
          committed.tell(open.id(), batch.records());
          chain = null;
        },
        failure -> batchFailed(open, batch, failure));
  }

  /** No chain is closed with a permit unanswered: nobody comes after us who knows more. */
  private void closeChain(LogSession connected, Chain open) {
    OpenPermits permits = batches.permits();
    List<ChainId> answered = held(open).stream().filter(permits::isComplete).toList();
    List<Sealable> words = new ArrayList<>(permits.unknown());
    words.add(new Sealable.Close("shutdown"));
    Batch last = Batches.of(open, words);
    await(
        connected
            .copy(last.rows())
            .thenMany(Flux.fromIterable(answered).concatMap(connected.others()::answered))
            .then()
            .timeout(settings.commitTimeout())
            .then(Mono.defer(connected::close))
            .onErrorResume(failure -> connected.close().then(Mono.error(failure))),
        closed -> {
          committed.tell(open.id(), last.records());
          end(true);
        },
        failure -> end(false));
  }

  private void end(boolean tidy) {
    state = new LogState.Closed();
    queue.takeOlderThan(0).forEach(waiter -> refuse(waiter, Cause.CLOSED));
    ended.complete(tidy);
    thread.end();
  }

  private void recheck(LogSession connected, Chain open) {
    Mono<List<Left>> unheld =
        keys.held().isPresent() ? connected.others().unheld() : Mono.just(List.of());
    await(
        connected.safe().then(ahead(connected)).then(unheld).timeout(settings.commitTimeout()),
        left -> {
          checkedAt = System.nanoTime();
          keys.held()
              .ifPresent(held ->
                  succession
                      .due(left, checkedAt)
                      .ifPresent(due -> takeOver(connected, open, due.slice(), held)));
        },
        failure -> lost("checking", failure));
  }

  private Mono<Boolean> ahead(LogSession connected) {
    return turnIsNear() ? keys.ahead(connected, epoch(1)) : Mono.just(true);
  }

  /** Whether the month turns in less than {@link #AHEAD}. */
  private boolean turnIsNear() {
    YearMonth next = YearMonth.now(clock.withZone(ZoneOffset.UTC)).plusMonths(1);
    Instant turn = next.atDay(1).atStartOfDay().toInstant(ZoneOffset.UTC);
    return clock.instant().plus(AHEAD).isAfter(turn);
  }

  /** Whether the month turns soon and its chain could not be opened without the log's signer. */
  boolean lacksNextKey() {
    return turnIsNear() && !keys.isReadyFor(epoch(1));
  }

  private void takeOver(LogSession connected, Chain open, Slice slice, Keyring held) {
    await(
        connected.others().openPermits(slice).timeout(settings.commitTimeout()),
        permits -> takeOver(connected, open, slice, Succession.words(slice.left(), permits, held)),
        failure -> lost("looking for permits of a chain that was left", failure));
  }

  private void takeOver(LogSession connected, Chain open, Slice slice, List<Sealable> words) {
    Batch batch = Batches.of(open, words);
    await(
        connected.others().takeOver(slice, batch).timeout(settings.commitTimeout()),
        done -> {
          succession.done(slice.left());
          if (done) {
            remember(open);
            committed.tell(open.id(), batch.records());
            LOG.atInfo()
                .addKeyValue("chain", slice.left().head().chain())
                .addKeyValue("from", slice.from())
                .addKeyValue("said", words.size())
                .log("audit chain of a gateway that is gone was looked through");
          } else {
            open.rewind(batch.before());
          }
        },
        failure -> batchFailed(open, batch, failure));
  }

  private boolean hasSomething() {
    watch.look().ifPresent(batches::say);
    return !batches.isEmpty();
  }

  private void writeNext(LogSession connected, Chain open) {
    Batch batch = batches.next(open);
    if (batch.records().isEmpty()) {
      return;
    }
    await(
        connected.copy(batch.rows()).timeout(settings.commitTimeout()),
        written -> {
          known.remember(open.id(), batch.after());
          batches.written(open, batch);
          committed.tell(open.id(), batch.records());
        },
        failure -> batchFailed(open, batch, failure));
    // else there would always be something sealed, and never a turn for what is due
    sealsAhead = !isOver(open) && !isCheckDue() && batches.sealAhead(open);
  }

  private boolean isOver(Chain open) {
    return open.epoch() != epoch(0);
  }

  private boolean isCheckDue() {
    return System.nanoTime() - checkedAt > settings.recheck().toNanos();
  }

  private void batchFailed(Chain open, Batch batch, Throwable failure) {
    batches.failed(open, batch, WriteFailure.cause(failure));
    lost("writing", failure);
  }

  private void ready() {
    Chain open = chain;
    if (open != null) {
      state = new LogState.Ready(open.id());
    }
  }

  private void remember(Chain written) {
    known.remember(written.id(), written.mark());
  }

  /** Back to the beginning: whatever went wrong, the next session finds out where we are. */
  private void lost(String doing, Throwable failure) {
    List<String> reasons = WriteFailure.reasons(doing, failure);
    if (!new LogState.Unavailable(reasons).equals(state)) {
      LOG.atWarn().addKeyValue("reasons", reasons).log("audit log unavailable");
    }
    state = new LogState.Unavailable(reasons);
    batches.dropAhead();
    LogSession old = session;
    session = null;
    retryAt = System.nanoTime() + RETRY_NANOS;
    if (old != null) {
      old.close().subscribe();
    }
  }

  private static void refuse(Waiter waiter, Cause cause) {
    waiter.failLater(new LogUnavailable(cause));
  }

  /** Runs what is asked of the database; its end comes back to the writer's thread. */
  private <T> void await(Mono<T> asked, Consumer<T> then, Consumer<Throwable> otherwise) {
    busy = true;
    asked.subscribe(
        value -> thread.execute(() -> resume(() -> then.accept(value))),
        failure -> thread.execute(() -> resume(() -> otherwise.accept(failure))));
  }

  private void resume(Runnable next) {
    sealsAhead = false;
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
}
