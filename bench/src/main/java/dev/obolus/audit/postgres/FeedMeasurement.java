// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditFeed;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.Receipt;
import dev.obolus.bench.Decisions;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import reactor.core.Disposable;

/**
 * How long after its acknowledgement a follower is told of a record, with hints and without; what
 * following asks of an idle database; and what notifying costs the commits. On a PostgreSQL of its
 * own that is thrown away afterwards.
 */
public final class FeedMeasurement implements AutoCloseable {
  private static final int ROUNDS = 5;

  /** What notifying in the audit transaction would be. */
  private static final String[] IN_TRANSACTION = {
    """
    CREATE FUNCTION obolus.notify_in_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify('obolus_audit', (SELECT encode(chain, 'hex') || ':' || max(seq)
                                           FROM added GROUP BY chain));
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER notify_in_transaction AFTER INSERT ON obolus.audit_record
      REFERENCING NEW TABLE AS added
      FOR EACH STATEMENT EXECUTE FUNCTION obolus.notify_in_transaction()
    """
  };

  private final MeasuredLog measured = new MeasuredLog("feed");
  private final Duration time;

  private FeedMeasurement(Duration time) throws Exception {
    this.time = time;
  }

  /** {@code [seconds]} of each measurement. */
  public static void main(String[] args) throws Exception {
    Duration time = Duration.ofSeconds(args.length > 0 ? Long.parseLong(args[0]) : 10);
    try (var measurement = new FeedMeasurement(time)) {
      System.out.println(measurement.delays(true, 5) + "  (warming up)");
      System.out.println(
          "told after the acknowledgement, ms         own p50   p99  other p50   p99   max");
      for (int rate : new int[] {5, 100, 2_000}) {
        System.out.println(measurement.delays(false, rate));
        System.out.println(measurement.delays(true, rate));
      }
      System.out.println("statements a second of one who follows an idle log");
      System.out.printf("   without hints %.1f%n", measurement.idle(false));
      System.out.printf("   with hints    %.1f%n", measurement.idle(true));
      System.out.println("rows/s, medians: no hints, hints, notified in the transaction");
      for (int writers : new int[] {1, 8}) {
        for (int batch : new int[] {1, 64}) {
          measurement.cost(writers, batch);
        }
      }
    }
  }

  private String delays(boolean hints, int perSecond) throws Exception {
    Recorder own = new Recorder(TimeUnit.SECONDS.toNanos(60), 3);
    Recorder other = new Recorder(TimeUnit.SECONDS.toNanos(60), 3);
    Map<String, Long> acknowledged = new ConcurrentHashMap<>();
    LongAdder told = new LongAdder();
    LongAdder written = new LongAdder();
    try (AuditDatabase log = open(256, hints);
        AuditViews console = AuditViews.open(measured.settings(TestPostgres.CONSOLE))) {
      Disposable here = follow(log.feed(), log, own, acknowledged, told);
      Disposable there = follow(console.feed(), log, other, acknowledged, told);
      Thread.sleep(2_500);
      var random = new SplittableRandom(perSecond);
      long end = System.nanoTime() + time.toNanos();
      while (System.nanoTime() < end) {
        Thread.sleep(
            Duration.ofNanos((long) (-Math.log(1 - random.nextDouble()) * 1e9 / perSecond)));
        append(log.log(), acknowledged, written);
      }
      long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (told.sum() < 2 * written.sum() && System.nanoTime() < patience) {
        Thread.sleep(20);
      }
      here.dispose();
      there.dispose();
    }
    Histogram mine = own.getIntervalHistogram();
    Histogram theirs = other.getIntervalHistogram();
    return "   %5d/s %-14s told %6d of %6d %8.1f %5.1f %10.1f %5.1f %5.1f"
        .formatted(
            perSecond,
            hints ? "with hints" : "without hints",
            told.sum(),
            2 * written.sum(),
            mine.getValueAtPercentile(50) / 1e6,
            mine.getValueAtPercentile(99) / 1e6,
            theirs.getValueAtPercentile(50) / 1e6,
            theirs.getValueAtPercentile(99) / 1e6,
            theirs.getMaxValue() / 1e6);
  }

  private static void append(AuditLog log, Map<String, Long> acknowledged, LongAdder written) {
    written.increment();
    log.append(Decisions.refusal())
        .subscribe(receipt -> acknowledged.put(place(receipt), System.nanoTime()));
  }

  private static String place(Receipt receipt) {
    return receipt.chain() + ":" + receipt.seq();
  }

  private static Disposable follow(
      AuditFeed feed,
      AuditDatabase log,
      Recorder delays,
      Map<String, Long> acknowledged,
      LongAdder told) {
    Map<dev.obolus.audit.ChainId, Long> heads =
        Objects.requireNonNull(log.reader().heads().block());
    return feed.follow(heads)
        .filter(record -> record.event().equals("decided"))
        .subscribe(record -> told(record, delays, acknowledged, told));
  }

  /** Told before its caller heard of it: no delay. */
  private static void told(
      AuditRecord record, Recorder delays, Map<String, Long> acknowledged, LongAdder told) {
    long now = System.nanoTime();
    long since = acknowledged.getOrDefault(record.chain() + ":" + record.seq(), now);
    delays.recordValue(Math.max(0, now - since));
    told.increment();
  }

  private double idle(boolean hints) throws Exception {
    try (AuditDatabase log = open(256, hints);
        AuditViews console = AuditViews.open(measured.settings(TestPostgres.CONSOLE))) {
      Disposable following = console.feed().follow(Map.of()).subscribe();
      Thread.sleep(2_000);
      Objects.requireNonNull(log.log().append(Decisions.refusal()).block());
      Thread.sleep(2_000);
      long before = asked();
      Thread.sleep(time);
      double rate = (asked() - before) / (time.toNanos() / 1e9);
      following.dispose();
      return rate;
    }
  }

  /** How often rows of the heads were looked at, by whatever way. */
  private long asked() throws SQLException {
    return measured.count(
        """
        SELECT seq_scan + coalesce((SELECT sum(idx_scan) FROM pg_stat_user_indexes
                                     WHERE indexrelname = 'audit_head_opened'), 0)
          FROM pg_stat_user_tables WHERE relname = 'audit_head'
        """);
  }

  /** In turns, so that what else the machine does falls on all alike; told are the medians. */
  private void cost(int writers, int batch) throws Exception {
    List<List<Double>> rates = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int turn = 0; turn < 3 * ROUNDS; turn++) {
      int way = (turn + turn / 3) % 3;
      if (way == 2) {
        measured.execute(IN_TRANSACTION);
      }
      rates.get(way).add(saturated(writers, batch, way == 1));
      if (way == 2) {
        measured.execute(
            "DROP TRIGGER notify_in_transaction ON obolus.audit_record",
            "DROP FUNCTION obolus.notify_in_transaction()");
      }
    }
    System.out.printf(
        "   %d writers, batches of %2d: %9.0f %9.0f %9.0f%n",
        writers, batch, median(rates.get(0)), median(rates.get(1)), median(rates.get(2)));
  }

  private static double median(List<Double> rates) {
    return rates.stream().sorted().skip(rates.size() / 2).findFirst().orElseThrow();
  }

  private double saturated(int writers, int batch, boolean hints) throws Exception {
    LongAdder acked = new LongAdder();
    List<AuditDatabase> logs = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      logs.add(open(batch, hints));
    }
    List<Thread> callers = new ArrayList<>();
    long start = System.nanoTime();
    long end = start + time.toNanos() / 2;
    for (AuditDatabase log : logs) {
      callers.add(Thread.ofPlatform().start(() -> saturate(log.log(), batch, end, acked)));
    }
    for (Thread caller : callers) {
      caller.join();
    }
    double rate = acked.sum() / ((System.nanoTime() - start) / 1e9);
    logs.forEach(AuditDatabase::close);
    return rate;
  }

  private static void saturate(AuditLog log, int batch, long end, LongAdder acked) {
    var room = new Semaphore(2 * batch);
    while (System.nanoTime() < end) {
      room.acquireUninterruptibly();
      log.append(Decisions.refusal())
          .doFinally(signal -> room.release())
          .subscribe(receipt -> acked.increment(), failure -> {});
    }
    room.acquireUninterruptibly(2 * batch);
  }

  private AuditDatabase open(int batch, boolean hints) throws Exception {
    AuditDatabase opened = measured.open(batch);
    if (!hints) {
      opened.log().hush();
    }
    return opened;
  }

  @Override
  public void close() throws IOException {
    measured.close();
  }
}
