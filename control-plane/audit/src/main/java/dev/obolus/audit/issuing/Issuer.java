// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.issuing;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.IssuedKey;
import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.chain.Sealable.Head;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers gateways' requests for keys, each with the key of one new chain, whose id is ours to
 * choose: nobody can ask for the key of a chain that exists.
 *
 * <p>Guarantees: that a key is issued, to whom and for which chain, is on record before it is given
 * out; refusals and keys taken back are put on record as soon as the log takes them. Which gateways
 * may ask is read anew for each request: a file that is taken away answers nobody any more. Of
 * several issuers on one database one is at work.
 *
 * <p>Blocks, on a thread of its own.
 */
public final class Issuer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Issuer.class);

  /** How long a key may lie unused, as the database counts it. */
  public static final Duration LIFE = Duration.ofMinutes(2);

  /**
   * Next month's key is issued from then before the month's turn on: gateways ask two days later.
   */
  static final Duration EARLIEST = Duration.ofDays(5);

  /** Of one gateway's refused requests, and of strangers', one in that time is put on record. */
  private static final Duration REFUSED_AGAIN = Duration.ofMinutes(1);

  /** What waits to be put on record. */
  private static final int MOST_UNSAID = 1_000;

  private static final Duration EVERY = Duration.ofMillis(100);
  private static final Duration WITHDRAWING = Duration.ofSeconds(1);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration ENDING = Duration.ofSeconds(5);
  private static final String SUFFIX = ".key";
  private static final String UNUSED =
      """
      SELECT chain, enrolment FROM obolus.audit_key_request AS asked
       WHERE expires_at > clock_timestamp() AND enrolment <> ALL (?) AND chain IS NOT NULL
         AND NOT EXISTS (SELECT FROM obolus.audit_head AS head WHERE head.chain = asked.chain)
      """;
  private static final String TAKEN_BACK =
      "SELECT chain, enrolment FROM obolus.audit_key_request"
          + " WHERE chain = ANY (?) AND expires_at = '-infinity'";
  private static final int LEASE_CLASS = 0x4F424F; // "OBO", as the integrator's

  /** Connects as the gateway's role. */
  @FunctionalInterface
  public interface Connecting {
    Connection connect() throws SQLException, IOException;
  }

  private final Connecting database;
  private final Path enrolments;
  private final Keyring keys;
  private final AuditLog log;
  private final SecureRandom random;
  private final Clock clock;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("obolus-audit-issuer").unstarted(this::run);
  private volatile boolean ended;
  private final Queue<AuditEvent> unsaid = new ConcurrentLinkedQueue<>();
  private final Map<String, Long> refusedAt = new HashMap<>();
  private boolean started;
  private long withdrawnAt = System.nanoTime() - WITHDRAWING.toNanos() - 1;
  private @Nullable Connection connection;

  private Issuer(
      Connecting database,
      Path enrolments,
      Keyring keys,
      AuditLog log,
      SecureRandom random,
      Clock clock) {
    this.database = database;
    this.enrolments = enrolments;
    this.keys = keys;
    this.log = log;
    this.random = random;
    this.clock = clock;
  }

  /**
   * Starts; returns at once.
   *
   * @param enrolments a folder with a file {@code <gateway's name>.key} for each gateway that may
   *     ask
   * @param log where the issuing is put on record
   */
  public static Issuer start(
      Connecting database,
      Path enrolments,
      Keyring keys,
      AuditLog log,
      SecureRandom random,
      Clock clock) {
    Issuer issuer = new Issuer(database, enrolments, keys, log, random, clock);
    issuer.thread.start();
    return issuer;
  }

  /** The names of the gateways that may ask. */
  public static List<String> gateways(Path enrolments) throws IOException {
    List<String> names = new ArrayList<>();
    for (Path file : files(enrolments)) {
      names.add(name(file));
    }
    return names;
  }

  @Override
  public void close() {
    ended = true;
    LockSupport.unpark(thread);
    try {
      boolean _ = thread.join(ENDING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!ended) {
      LockSupport.parkNanos(this, turn().toNanos());
    }
    disconnect();
  }

  /** One look; answers how long to wait for the next. */
  private Duration turn() {
    try {
      if (connection == null && !lease()) {
        return RETRY;
      }
      if (System.nanoTime() - withdrawnAt > WITHDRAWING.toNanos()) {
        withdraw();
        say();
      }
      for (Asked asked : waiting()) {
        answer(asked);
      }
      return EVERY;
    } catch (SQLException | IOException e) {
      LOG.atWarn().addKeyValue("why", e.getMessage()).log("audit keys cannot be issued");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      ended = true;
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("audit issuer fault");
    }
    disconnect();
    return RETRY;
  }

  /** A gateway's request; never compared. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Asked(byte[] id, String enrolment, int epoch, byte[] publicKey, byte[] mac) {}

  /**
   * Keys that lie unused are taken back from those who are enrolled no more; at the start from all,
   * since the root key may be another one now.
   */
  private void withdraw() throws SQLException, IOException {
    List<String> enrolled = new ArrayList<>();
    for (Path file : started ? files(enrolments) : List.<Path>of()) {
      enrolled.add(Enrolment.read(file).id());
    }
    Array known = connected().createArrayOf("text", enrolled.toArray());
    Map<ChainId, String> unused = chains(UNUSED, known);
    try (PreparedStatement statement =
        connected().prepareStatement("SELECT obolus.audit_withdraw_keys(?)")) {
      statement.setArray(1, known);
      try (ResultSet gone = statement.executeQuery()) {
        if (gone.next() && gone.getLong(1) > 0) {
          LOG.atInfo().addKeyValue("keys", gone.getLong(1)).log("audit chain keys taken back");
        }
      }
    }
    if (!unused.isEmpty()) {
      byte[][] ids =
          unused.keySet().stream().map(chain -> chain.bytes().toArray()).toArray(byte[][]::new);
      chains(TAKEN_BACK, connected().createArrayOf("bytea", ids))
          .forEach((chain, enrolment) -> later(new AuditEvent.KeyWithdrawn(enrolment, chain)));
    }
    started = true;
    withdrawnAt = System.nanoTime();
  }

  /** Chains that keys were issued for, with the enrolments that these were issued to. */
  private Map<ChainId, String> chains(String query, Array about) throws SQLException {
    Map<ChainId, String> chains = new HashMap<>();
    try (PreparedStatement statement = connected().prepareStatement(query)) {
      statement.setArray(1, about);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          String _ = chains.put(new ChainId(Bytes.of(rows.getBytes(1))), rows.getString(2));
        }
      }
    }
    return chains;
  }

  private void later(AuditEvent event) {
    if (unsaid.size() < MOST_UNSAID) {
      boolean _ = unsaid.add(event);
    } else {
      LOG.atWarn().addKeyValue("event", event).log("audit key event is not put on record");
    }
  }

  /** Puts on record what waits; what the log does not take waits for the next time. */
  private void say() {
    for (int waiting = unsaid.size(); waiting > 0; waiting--) {
      AuditEvent event = Objects.requireNonNull(unsaid.poll());
      var _ =
          log.append(event)
              .toFuture()
              .whenComplete((_, failure) -> {
                if (failure != null) {
                  later(event);
                }
              });
    }
  }

  private List<Asked> waiting() throws SQLException {
    List<Asked> waiting = new ArrayList<>();
    try (Statement statement = connected().createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT id, enrolment, epoch, public_key, mac FROM obolus.audit_key_request"
                    + " WHERE answer IS NULL AND refusal IS NULL"
                    + " AND asked_at > clock_timestamp() - interval '30 seconds'"
                    + " ORDER BY asked_at LIMIT 20")) {
      while (rows.next()) {
        waiting.add(
            new Asked(
                rows.getBytes(1),
                rows.getString(2),
                rows.getInt(3),
                rows.getBytes(4),
                rows.getBytes(5)));
      }
    }
    return waiting;
  }

  private void answer(Asked asked) throws SQLException, IOException, InterruptedException {
    Optional<Path> file = enrolled(asked);
    String gateway = file.map(Issuer::name).orElse("-");
    if (file.isEmpty()) {
      refuse(asked, gateway, "unknown");
    } else if (!nowOrNext(asked.epoch())) {
      refuse(asked, gateway, "epoch");
    } else if (isEarly(asked.epoch())) {
      refuse(asked, gateway, "early");
    } else {
      issue(asked, file.get());
    }
  }

  /** The file of the secret that the request was made with. */
  private Optional<Path> enrolled(Asked asked) throws IOException {
    for (Path file : files(enrolments)) {
      Enrolment known = Enrolment.read(file);
      if (known.id().equals(asked.enrolment())
          && known.signed(asked.id(), asked.epoch(), asked.publicKey(), asked.mac())) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  private void issue(Asked asked, Path file)
      throws SQLException, IOException, InterruptedException {
    byte[] id = new byte[ChainId.LENGTH];
    random.nextBytes(id);
    IssuedKey key = keys.issue(new ChainId(Bytes.of(id)), asked.epoch(), newest());
    Bytes answer;
    try {
      answer = KeyRequest.answer(Enrolment.read(file), asked.id(), asked.publicKey(), key, random);
    } catch (IllegalArgumentException e) {
      refuse(asked, name(file), "unknown");
      return;
    }
    Instant now = clock.instant();
    Instant opens = start(asked.epoch());
    Instant until = (opens.isAfter(now) ? opens : now).plus(LIFE);
    if (recorded(new AuditEvent.KeyIssued(name(file), key.chain(), now, until))) {
      tell(asked, key.chain().bytes().toArray(), answer.toArray(), null);
      LOG.atInfo()
          .addKeyValue("gateway", name(file))
          .addKeyValue("chain", key.chain())
          .log("audit chain key issued");
    }
  }

  private boolean recorded(AuditEvent.KeyIssued issued) throws InterruptedException {
    try {
      return log.append(issued).toFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).seq()
          > 0;
    } catch (ExecutionException | TimeoutException e) {
      LOG.atWarn()
          .addKeyValue("why", String.valueOf(e.getMessage()))
          .log("audit chain key not issued: it could not be put on record");
      return false;
    }
  }

  private void refuse(Asked asked, String gateway, String why) throws SQLException {
    Long before = refusedAt.get(gateway);
    if (before == null || System.nanoTime() - before > REFUSED_AGAIN.toNanos()) {
      Long _ = refusedAt.put(gateway, System.nanoTime());
      later(new AuditEvent.KeyRefused(gateway, asked.epoch(), why));
    }
    LOG.atWarn()
        .addKeyValue("enrolment", asked.enrolment())
        .addKeyValue("why", why)
        .log("audit chain key refused");
    tell(asked, null, null, why);
  }

  private void tell(
      Asked asked, byte @Nullable [] chain, byte @Nullable [] answer, @Nullable String refusal)
      throws SQLException {
    try (PreparedStatement statement =
        connected().prepareStatement("SELECT obolus.audit_answer_key(?, ?, ?, ?, ?)")) {
      statement.setBytes(1, asked.id());
      statement.setBytes(2, chain);
      statement.setBytes(3, answer);
      statement.setString(4, refusal);
      statement.setInt(5, (int) LIFE.toSeconds());
      try (ResultSet told = statement.executeQuery()) {
        boolean _ = told.next();
      }
    }
  }

  private List<Keyring.Earlier> newest() throws SQLException {
    List<Keyring.Earlier> newest = new ArrayList<>();
    try (Statement statement = connected().createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                SELECT h.chain, h.seq, h.mac, r.key_id FROM obolus.audit_head h
                  JOIN obolus.audit_record r ON r.chain = h.chain AND r.seq = 1 AND r.epoch = h.epoch
                 ORDER BY h.opened_at DESC, h.chain LIMIT 20
                """)) {
      while (rows.next()) {
        Head head =
            new Head(
                new ChainId(Bytes.of(rows.getBytes(1))),
                rows.getLong(2),
                Bytes.of(rows.getBytes(3)));
        newest.add(new Keyring.Earlier(head, rows.getString(4)));
      }
    }
    return newest;
  }

  private boolean nowOrNext(int epoch) {
    YearMonth now = YearMonth.now(clock.withZone(ZoneOffset.UTC));
    return epoch == epoch(now) || epoch == epoch(now.plusMonths(1));
  }

  private boolean isEarly(int epoch) {
    return clock.instant().plus(EARLIEST).isBefore(start(epoch));
  }

  private static Instant start(int epoch) {
    YearMonth month = YearMonth.of(epoch / 100, epoch % 100);
    return month.atDay(1).atStartOfDay().toInstant(ZoneOffset.UTC);
  }

  private static int epoch(YearMonth month) {
    return month.getYear() * 100 + month.getMonthValue();
  }

  private static List<Path> files(Path enrolments) throws IOException {
    try (Stream<Path> files = Files.list(enrolments)) {
      return files.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    }
  }

  private static String name(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.substring(0, name.length() - SUFFIX.length());
  }

  /** Of several on one database one is at work, by a lock that ends with its session. */
  private boolean lease() throws SQLException, IOException {
    Connection fresh = database.connect();
    connection = fresh;
    try (Statement statement = fresh.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT pg_try_advisory_lock(" + LEASE_CLASS + ", 2)")) {
      if (row.next() && row.getBoolean(1)) {
        return true;
      }
    }
    disconnect();
    return false;
  }

  private Connection connected() {
    return Objects.requireNonNull(connection);
  }

  private void disconnect() {
    Connection old = connection;
    connection = null;
    if (old != null) {
      try {
        old.close();
      } catch (SQLException e) {
        LOG.atDebug().setCause(e).log("audit issuer's connection did not close");
      }
    }
  }
}
