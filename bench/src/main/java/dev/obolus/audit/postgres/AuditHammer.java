// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.Sealable;
import dev.obolus.audit.chain.SealedRecord;
import dev.obolus.audit.chain.ValueSeal;
import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.PublicKeys;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.VerifierKey;
import dev.obolus.audit.integrator.Integrator;
import dev.obolus.audit.integrator.IntegratorSettings;
import dev.obolus.audit.integrator.Publishing;
import dev.obolus.audit.personal.SealingKeys;
import dev.obolus.audit.tree.Checkpoint;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.bench.Decisions;
import dev.obolus.sandbox.postgres.TestPostgres;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * {@code ./obolus audit hammer [seconds]}: what the audit log bears, on a PostgreSQL of its own
 * that is thrown away afterwards. Everything that was written is verified at the end.
 */
public final class AuditHammer implements AutoCloseable {
  private static final int SIGNED = 300;
  private static final int[] RATES = {1_000, 5_000, 20_000, 40_000};
  private static final int[] BATCHES = {1, 16, 64, 256};
  private static final int[] WRITERS = {1, 2, 4};
  private static final int ROUNDS = 5;
  private static final int ROUND_ROWS = 32_768;

  private final MeasuredLog measured = new MeasuredLog("hammer");
  private final SigningKey signing =
      SigningKey.create(measured.file("checkpoint.key"), "hammer", new SecureRandom());
  private final Duration time;
  private final LongAdder refused = new LongAdder();
  private final LongAdder acknowledged = new LongAdder();

  private AuditHammer(Duration time) throws IOException, SQLException {
    this.time = time;
  }

  public static void main(String[] args) throws Exception {
    Duration time = Duration.ofSeconds(args.length > 0 ? Long.parseLong(args[0]) : 10);
    try (AuditHammer hammer = new AuditHammer(time)) {
      System.out.println("\nwarming up");
      System.out.println(hammer.openLoop(20_000));
      System.out.println(hammer.openLoop(20_000));
      System.out.println("\nopen loop: refusals, acknowledged after the commit");
      System.out.println("   offered/s   acked/s   p50 ms   p99 ms  p99.9 ms   max ms   refused");
      for (int rate : RATES) {
        System.out.println(hammer.openLoop(rate));
      }
      System.out.println("\nthe same with a slow flush (commit_delay 2 ms)");
      hammer.slowFlush(true);
      for (int rate : RATES) {
        System.out.println(hammer.openLoop(rate));
      }
      hammer.slowFlush(false);
      System.out.println(
          "\nas fast as it goes, permits and their outcomes, one writer; medians of %d rounds in turns"
              .formatted(ROUNDS));
      System.out.println("                log rows/s   plain COPY rows/s");
      for (int batch : BATCHES) {
        System.out.println(hammer.besidePlainCopy(batch));
      }
      System.out.println("\nwriters, each with a chain of its own, batches of 64      rows/s");
      for (int writers : WRITERS) {
        System.out.printf("   %d %61.0f%n", writers, hammer.writers(writers));
      }
      hammer.sign();
      hammer.verify();
    }
  }

  /** Poisson arrivals at a rate, whatever becomes of them; a delay counts from the due time. */
  private String openLoop(int perSecond) throws IOException, InterruptedException {
    Recorder delays = new Recorder(TimeUnit.SECONDS.toNanos(60), 3);
    LongAdder refused = new LongAdder();
    LongAdder acked = new LongAdder();
    LongAdder offered = new LongAdder();
    try (AuditDatabase log = measured.open(256)) {
      var random = new SplittableRandom(perSecond);
      long start = System.nanoTime();
      long end = start + time.toNanos();
      double due = start;
      while (due < end) {
        due += -Math.log(1 - random.nextDouble()) * 1e9 / perSecond;
        awaitTime((long) due);
        offered.increment();
        offer(log.log(), (long) due, delays, acked, refused);
      }
      drain(offered, acked, refused);
    }
    Histogram histogram = delays.getIntervalHistogram();
    return "   %9d %9.0f %8.2f %8.2f %9.2f %8.1f   %d"
        .formatted(
            perSecond,
            acked.sum() / (time.toNanos() / 1e9),
            histogram.getValueAtPercentile(50) / 1e6,
            histogram.getValueAtPercentile(99) / 1e6,
            histogram.getValueAtPercentile(99.9) / 1e6,
            histogram.getMaxValue() / 1e6,
            refused.sum());
  }

  private void offer(AuditLog log, long due, Recorder delays, LongAdder acked, LongAdder refused) {
    log.append(Decisions.refusal())
        .subscribe(
            receipt -> {
              delays.recordValue(Math.max(0, System.nanoTime() - due));
              acked.increment();
              acknowledged.increment();
            },
            failure -> refused.increment());
  }

  private static void drain(LongAdder offered, LongAdder acked, LongAdder refused)
      throws InterruptedException {
    while (acked.sum() + refused.sum() < offered.sum()) {
      Thread.sleep(5);
    }
  }

  private static void awaitTime(long due) {
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      if (left > 60_000) {
        LockSupport.parkNanos(left - 50_000);
      } else {
        Thread.onSpinWait();
      }
    }
  }

  /** As many rows each, in turns: what one leaves for the disk to do slows down both. */
  private String besidePlainCopy(int batch) throws Exception {
    int rows = Math.min(ROUND_ROWS, batch * 2_048);
    double[] ours = new double[ROUNDS];
    double[] plain = new double[ROUNDS];
    try (AuditDatabase log = measured.open(batch)) {
      for (int round = 0; round < ROUNDS; round++) {
        ours[round] = saturated(List.of(log), batch, rows);
        plain[round] = plainCopy(batch, rows);
      }
    }
    Arrays.sort(ours);
    Arrays.sort(plain);
    double median = ours[ROUNDS / 2];
    double bound = plain[ROUNDS / 2];
    return "   batch %4d %10.0f %19.0f   %3.0f %%"
        .formatted(batch, median, bound, 100 * median / bound);
  }

  private double writers(int writers) throws Exception {
    List<AuditDatabase> logs = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      logs.add(measured.open(64));
    }
    double rate = saturated(logs, 64, 4 * ROUND_ROWS);
    logs.forEach(AuditDatabase::close);
    return rate;
  }

  private double saturated(List<AuditDatabase> logs, int batch, int rows)
      throws InterruptedException {
    long start = System.nanoTime();
    int each = rows / 2 / logs.size();
    List<Thread> callers =
        logs.stream()
            .map(log -> Thread.ofPlatform().start(() -> requests(log.log(), batch, each)))
            .toList();
    for (Thread caller : callers) {
      caller.join();
    }
    return rows / ((System.nanoTime() - start) / 1e9);
  }

  /** A permit each, and its outcome once it is durable; always twice a batch on its way. */
  private void requests(AuditLog log, int batch, int count) {
    var room = new Semaphore(2 * batch);
    for (int i = 0; i < count; i++) {
      room.acquireUninterruptibly();
      AuditEvent.Decided permit = Decisions.permit();
      log.append(permit)
          .doOnNext(_ -> acknowledged.increment())
          .flatMap(receipt -> log.append(Decisions.served(permit, receipt)))
          .doFinally(_ -> room.release())
          .subscribe(_ -> acknowledged.increment(), failure -> refused.increment());
    }
    room.acquireUninterruptibly(2 * batch);
  }

  /**
   * The same rows by the same client into a table of the same columns and indexes, without a
   * trigger: encoded beforehand, one commit a batch.
   */
  private double plainCopy(int batch, int rows) throws Exception {
    measured.execute(
        "DROP TABLE IF EXISTS obolus.plain",
        "CREATE TABLE obolus.plain (LIKE obolus.audit_record INCLUDING ALL)"
            + " WITH (toast_tuple_target = 8160)",
        "GRANT INSERT ON obolus.plain TO " + TestPostgres.GATEWAY);
    List<ByteBuffer> batches = sealed(batch, rows);
    String copy = CopyRows.COPY.replace("obolus.audit_record", "obolus.plain");
    PostgresqlConnection connection =
        Objects.requireNonNull(
            Connections.to(measured.settings(TestPostgres.GATEWAY), "hammer").create().block());
    long start = System.nanoTime();
    for (ByteBuffer bytes : batches) {
      Objects.requireNonNull(connection.copyIn(copy).from(bytes).build().block());
    }
    double rate = rows / ((System.nanoTime() - start) / 1e9);
    connection.close().block();
    return rate;
  }

  private List<ByteBuffer> sealed(int batch, int rows) {
    var chain =
        new Chain("hammer", 202_611, measured.root(), new SecureRandom(), Clock.systemUTC());
    ValueSeal values = SealingKeys.unkept(new SecureRandom());
    List<ByteBuffer> batches = new ArrayList<>();
    List<SealedRecord> records = new ArrayList<>();
    for (int i = 0; i < rows / 2; i++) {
      AuditEvent.Decided permit = Decisions.permit();
      SealedRecord decided = chain.seal(new Sealable.Event(permit, values), 1 << 20);
      records.add(decided);
      Receipt receipt = new Receipt(chain.id(), decided.seq(), decided.leaf().hex());
      AuditEvent outcome = Decisions.served(permit, receipt);
      records.add(chain.seal(new Sealable.Event(outcome, ValueSeal.NONE), 1 << 20));
      while (records.size() >= batch) {
        List<SealedRecord> full = records.subList(0, batch);
        batches.add(CopyRows.of(chain, full).bytes());
        full.clear();
      }
    }
    return batches;
  }

  /** What a slower disk would do: each commit waits 2 ms before its flush. */
  private void slowFlush(boolean slow) throws SQLException {
    measured.execute(
        "ALTER SYSTEM SET commit_delay = " + (slow ? 2_000 : 0),
        "ALTER SYSTEM SET commit_siblings = " + (slow ? 0 : 5),
        "SELECT pg_reload_conf()");
  }

  /** Takes all of it into the tree, and signs one checkpoint over and over. */
  private void sign() throws Exception {
    long start = System.nanoTime();
    try (Integrator _ =
        Integrator.start(
            () -> measured.database().as(TestPostgres.GATEWAY),
            new IntegratorSettings(
                signing, List.of(measured.root()), Duration.ofMillis(100), Duration.ofMinutes(1)),
            Publishing.nowhere(),
            Clock.systemUTC())) {
      while (measured.count("SELECT sum(seq) FROM obolus.audit_head") > inTree()) {
        Thread.sleep(10);
      }
    }
    long took = System.nanoTime() - start;
    System.out.printf(
        "%ncheckpoints: %d records into the tree in %d ms (%.0f records/s)%n",
        inTree(), took / 1_000_000, inTree() / (took / 1e9));
    Checkpoint checkpoint = new Checkpoint(signing.name(), inTree(), Bytes.of(new byte[32]));
    for (int round = 0; round < 3; round++) {
      long began = System.nanoTime();
      int length = 0;
      for (int i = 0; i < SIGNED; i++) {
        length = signing.sign(checkpoint, Instant.now()).toString().length();
      }
      System.out.printf(
          "   signing one, Ed25519 and ML-DSA-44: %.2f ms, %d bytes%n",
          (System.nanoTime() - began) / 1e6 / SIGNED, length);
    }
  }

  private long inTree() throws SQLException {
    return measured.count(
        "SELECT coalesce(sum(leaves), 0) FROM obolus.audit_tree_span WHERE chain IS NOT NULL");
  }

  /** Twice: at first the JIT compiler is at work too. */
  private void verify() throws Exception {
    long stored =
        measured.count(
            "SELECT count(*) FROM obolus.audit_record WHERE event IN ('decided', 'served')");
    System.out.printf(
        "%nrefused while as fast as it goes: %d%n"
            + "acknowledged: %d, in the log: %d, lost: %d, there but never acknowledged: %d%n",
        refused.sum(),
        acknowledged.sum(),
        stored,
        Math.max(0, acknowledged.sum() - stored),
        Math.max(0, stored - acknowledged.sum()));
    for (int round = 0; round < 2; round++) {
      Verification verification = verified();
      double perSecond = verification.records() / (verification.took().toNanos() / 1e9);
      System.out.printf(
          "log: %s, %d records in %d ms (%.0f records/s), %d bytes a record on disk%n",
          verification.state(),
          verification.records(),
          verification.took().toMillis(),
          perSecond,
          bytesOnDisk() / verification.records());
    }
  }

  private Verification verified() throws IOException, SQLException {
    try (Connection connection = measured.database().as(TestPostgres.GATEWAY)) {
      return new AuditVerifier(Optional.of(VerifierKey.read(measured.file("root.key"))))
          .with(PublicKeys.of(signing.logKeys().stream().map(NoteKey::toString).toList()))
          .verify(connection);
    }
  }

  private long bytesOnDisk() throws SQLException {
    return measured.count(
        """
        SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits
         WHERE inhparent = 'obolus.audit_record'::regclass
        """);
  }

  @Override
  public void close() throws IOException {
    measured.close();
  }
}
