// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.get;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.postgres.PostgresAuditFeed.Pace;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

/** What follows the log: own records from memory, others' by asking, sooner by hints. */
class FeedTest {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final Duration SOON = Duration.ofMillis(50);

  @TempDir Path folder;
  private LogFixture fixture;
  private AuditViews views;

  @BeforeEach
  void freshLog() throws Exception {
    fixture = LogFixture.fresh(folder);
    views = AuditViews.open(fixture.settings(TestPostgres.CONSOLE));
  }

  @AfterEach
  void closeViews() {
    views.close();
  }

  @Test
  void ownRecordsAreToldWithoutAsking() {
    try (AuditDatabase log = fixture.openReady();
        Following follower =
            new Following(feed(log.log().committed(), deaf(), NEVER, NEVER), Map.of())) {
      Receipt first = append(log, decided("allow"));
      follower.waitFor(2);
      for (int i = 0; i < 50; i++) {
        assertThat(append(log, decided("allow")).seq()).isEqualTo(first.seq() + i + 1);
      }
      follower.isWholeTo(heads());
    }
  }

  @Test
  void whatIsToldFromMemoryIsWhatIsRead() {
    try (AuditDatabase log = fixture.openReady();
        Following follower =
            new Following(feed(log.log().committed(), deaf(), NEVER, NEVER), Map.of())) {
      Receipt _ = append(log, decided("allow"));
      follower.waitFor(2);
      OddEvents.write(log, 60, new Random(11));
      follower.isWholeTo(heads());
      for (AuditRecord told : follower.told()) {
        assertThat(get(reader().after(told.chain(), told.seq() - 1, 1).next())).isEqualTo(told);
      }
    }
  }

  /** Who changes a record's structure names it to whoever looks, and hides no other. */
  @Test
  void recordWhoseBytesAreNoneAnyMoreIsToldAsSuchAndHidesNoOther() throws Exception {
    try (AuditDatabase log = fixture.openReady()) {
      Receipt changed = append(log, decided("allow"));
      assertThat(append(log, decided("deny")).seq()).isEqualTo(3);
      try (Connection connection = fixture.database().asSuperuser();
          Statement statement = connection.createStatement()) {
        assertThat(
                statement.executeUpdate(
                    "UPDATE obolus.audit_record SET canonical = set_byte(canonical, 4, 255)"
                        + " WHERE seq = 2"))
            .isEqualTo(1);
      }
      List<AuditRecord> read = get(reader().after(changed.chain(), 0, 10).collectList());
      assertThat(read).hasSize(3);
      assertThat(read.get(1).fields()).containsOnlyKeys("unreadable");
      assertThat(read.get(1).tenants()).containsExactly(LogFixture.TENANT);
      assertThat(read.get(2).fields()).containsKey("decision_id");
      try (Following follower =
          new Following(feed(new Committed(), deaf(), SOON, NEVER), Map.of())) {
        follower.waitFor(3);
      }
    }
  }

  @Test
  void recordsOfOthersAreFoundByAsking() {
    try (AuditDatabase one = fixture.openReady();
        AuditDatabase other = fixture.openReady();
        Following follower =
            new Following(feed(one.log().committed(), deaf(), SOON, NEVER), Map.of())) {
      for (int i = 0; i < 20; i++) {
        assertThat(append(one, decided("allow")).seq()).isEqualTo(i + 2);
        assertThat(append(other, decided("deny")).seq()).isEqualTo(i + 2);
      }
      follower.isWholeTo(heads());
    }
  }

  @Test
  void aHintBringsWhatNobodyAskedFor() {
    HintListener listener = listener();
    try (AuditDatabase log = fixture.openReady();
        Following follower =
            new Following(feed(new Committed(), listener, NEVER, NEVER), Map.of())) {
      follower.waitFor(1);
      untilListening(1);
      assertThat(append(log, decided("allow")).seq()).isEqualTo(2);
      follower.waitFor(2);
      assertThat(listener.heard()).isTrue();
      follower.isWholeTo(heads());
    }
  }

  @Test
  void aChainThatSendsNoHintsIsAskedForThoughOthersDo() {
    try (AuditDatabase hinting = fixture.openReady();
        AuditDatabase silent = fixture.openReady();
        Following follower =
            new Following(feed(new Committed(), listener(), SOON, NEVER), Map.of())) {
      follower.waitFor(2);
      silent.log().hush();
      untilListening(1);
      for (int i = 0; i < 10; i++) {
        assertThat(append(silent, decided("deny")).seq()).isEqualTo(i + 2);
        assertThat(append(hinting, decided("allow")).seq()).isEqualTo(i + 2);
        follower.isWholeTo(heads());
      }
      assertThat(append(silent, decided("deny")).seq()).isEqualTo(12);
      follower.isWholeTo(heads());
    }
  }

  @Test
  void hintsAreAtMostTenASecond() throws Exception {
    try (AuditDatabase log = fixture.openReady();
        Connection listening = fixture.database().as(TestPostgres.CONSOLE);
        Statement listen = listening.createStatement()) {
      assertThat(listen.execute("LISTEN " + Hint.CHANNEL)).isFalse();
      long start = System.nanoTime();
      long last = 0;
      for (int i = 0; i < 1_000; i++) {
        last = append(log, decided("allow")).seq();
      }
      List<Hint> hints = new ArrayList<>();
      while (hints.isEmpty() || hints.getLast().seq() < last) {
        for (var notified : listening.unwrap(PGConnection.class).getNotifications(5_000)) {
          hints.add(Hint.parse(notified.getParameter()).orElseThrow());
        }
      }
      long most = (System.nanoTime() - start) / 100_000_000 + 2;
      assertThat(hints).hasSizeBetween(1, (int) most).doesNotHaveDuplicates();
    }
  }

  @Test
  void whatIsNoHintIsNone() {
    String chain = "00112233445566778899aabbccddeeff";
    assertThat(Hint.parse(chain + ":7")).contains(new Hint(ChainId.parse(chain), 7));
    for (String text :
        new String[] {
          "",
          "hello",
          chain,
          chain + ":",
          chain + ":-1",
          chain + ":1234567890123456789",
          "x" + chain + ":1",
          chain + ":1\n",
          chain.substring(2) + ":1"
        }) {
      assertThat(Hint.parse(text)).as(text).isEmpty();
    }
  }

  @Test
  void falseHintsAreOnlyAReasonToLook() throws Exception {
    try (AuditDatabase log = fixture.openReady();
        Following follower =
            new Following(feed(new Committed(), listener(), SOON, NEVER), Map.of());
        Connection forger = fixture.database().as(TestPostgres.CONSOLE);
        PreparedStatement notify = forger.prepareStatement("SELECT pg_notify('obolus_audit', ?)")) {
      follower.waitFor(1);
      untilListening(1);
      Random random = new Random(5);
      for (int i = 0; i < 300; i++) {
        notify.setString(
            1,
            "%016x%016x:%d".formatted(random.nextLong(), random.nextLong(), Long.MAX_VALUE / 10));
        assertThat(notify.execute()).isTrue();
      }
      ChainId chain = append(log, decided("allow")).chain();
      notify.setString(1, new Hint(chain, 999_999).text());
      assertThat(notify.execute()).isTrue();
      assertThat(append(log, decided("allow")).seq()).isEqualTo(3);
      follower.isWholeTo(heads());
    }
  }

  @Test
  void aFollowerGoesOnFromItsPlaces() {
    try (AuditDatabase log = fixture.openReady()) {
      Receipt first = append(log, decided("allow"));
      Map<ChainId, Long> places = heads();
      assertThat(places).containsEntry(first.chain(), 2L);
      for (int i = 0; i < 5; i++) {
        assertThat(append(log, decided("deny")).seq()).isEqualTo(i + 3);
      }
      try (Following again = new Following(log.feed(), places)) {
        again.isWholeTo(heads());
        assertThat(append(log, decided("allow")).seq()).isEqualTo(8);
        again.isWholeTo(heads());
        assertThat(again.told()).hasSize(6);
      }
    }
  }

  /** What its memory cannot hold, a slow follower reads; the writer never waits for it. */
  @Test
  void aSlowFollowerMissesNothingAndHoldsUpNobody() {
    try (AuditDatabase log = fixture.openReady()) {
      var feed =
          new PostgresAuditFeed(
              reader(), log.log().committed(), deaf(), new Pace(NEVER, NEVER), 16 * 1024);
      List<AuditRecord> told = java.util.Collections.synchronizedList(new ArrayList<>());
      var slow =
          new BaseSubscriber<AuditRecord>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
              request(1);
            }

            @Override
            protected void hookOnNext(AuditRecord record) {
              told.add(record);
            }
          };
      feed.follow(Map.of()).subscribe(slow);
      until(() -> told.size() == 1);
      List<Receipt> receipts =
          get(
              Flux.range(0, 2_000)
                  .flatMap(_ -> log.log().append(decided("allow")), 200)
                  .collectList());
      assertThat(receipts).hasSize(2_000);
      assertThat(told).hasSize(1);
      slow.requestUnbounded();
      until(() -> told.size() >= 2_001);
      assertThat(told.stream().map(AuditRecord::seq))
          .containsExactlyElementsOf(
              java.util.stream.LongStream.rangeClosed(1, 2_001).boxed().toList());
      slow.cancel();
    }
  }

  @Test
  void aChainWhoseEndWasPrunedHoldsUpNoOther() throws Exception {
    try (AuditDatabase pruned = fixture.openReady()) {
      assertThat(append(pruned, decided("deny")).seq()).isEqualTo(2);
    }
    asSuperuser(
        "ALTER TABLE obolus.audit_record DISABLE TRIGGER ALL",
        "DELETE FROM obolus.audit_record WHERE seq > 1",
        "ALTER TABLE obolus.audit_record ENABLE TRIGGER ALL");
    try (AuditDatabase log = fixture.openReady();
        Following follower = new Following(feed(new Committed(), deaf(), SOON, NEVER), Map.of())) {
      Receipt last = append(log, decided("deny"));
      until(() ->
          follower.told().stream()
              .anyMatch(told -> told.chain().equals(last.chain()) && told.seq() == last.seq()));
      assertThat(follower.told()).hasSize(3);
    }
  }

  @Test
  void onlyChainsThatMayGrowAreAskedForAgain() throws Exception {
    for (int i = 0; i < 3; i++) {
      fixture.openReady().close();
    }
    ChainId ended = heads().keySet().iterator().next();
    try (AuditDatabase log = fixture.openReady()) {
      ChainId open = append(log, decided("allow")).chain();
      assertThat(asked(Set.of())).as("opened lately").hasSize(4);
      asSuperuser("UPDATE obolus.audit_head SET opened_at = opened_at - interval '1 day'");
      assertThat(asked(Set.of())).containsExactly(open);
      assertThat(asked(Set.of(ended))).containsExactlyInAnyOrder(open, ended);
    }
    assertThat(asked(Set.of())).isEmpty();
  }

  private List<ChainId> asked(Set<ChainId> chains) {
    return get(reader().placesOf(chains)).stream().map(PostgresAuditReader.Place::chain).toList();
  }

  /** A gateway that came and went between two looks leaves nothing out. */
  @Test
  void aChainThatOpenedAndEndedUnseenIsFound() {
    try (AuditDatabase hinting = fixture.openReady();
        Following follower =
            new Following(feed(new Committed(), listener(), NEVER, NEVER), Map.of())) {
      follower.waitFor(1);
      untilListening(1);
      for (int i = 0; i < 3; i++) {
        try (AuditDatabase log = fixture.open()) {
          log.log().hush();
          until(log.log()::ready);
          assertThat(append(log, decided("deny")).seq()).isEqualTo(2);
        }
      }
      assertThat(append(hinting, decided("deny")).seq()).isEqualTo(2);
      follower.isWholeTo(heads());
      assertThat(follower.told()).hasSize(11);
    }
  }

  private PostgresAuditReader reader() {
    return (PostgresAuditReader) views.reader();
  }

  private PostgresAuditFeed feed(
      Committed own, HintListener listener, Duration unhinted, Duration hinted) {
    return new PostgresAuditFeed(reader(), own, listener, new Pace(unhinted, hinted));
  }

  private HintListener listener() {
    return new HintListener(Connections.to(fixture.settings(TestPostgres.CONSOLE), "listening"));
  }

  /** One that never gets a session. */
  private HintListener deaf() {
    DatabaseSettings right = fixture.settings(TestPostgres.CONSOLE);
    return new HintListener(
        Connections.to(
            new DatabaseSettings(
                right.host(),
                1,
                right.database(),
                right.username(),
                right.passwordFile(),
                right.tls()),
            "deaf"));
  }

  private Map<ChainId, Long> heads() {
    return get(reader().heads());
  }

  private void untilListening(int sessions) {
    until(() ->
        count(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'listening'"
                    + " AND datname = current_database() AND query LIKE 'LISTEN%' AND state = 'idle'")
            == sessions);
  }

  private long count(String query) {
    try (Connection superuser = fixture.database().asSuperuser();
        Statement statement = superuser.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getLong(1) : -1;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void asSuperuser(String... commands) throws SQLException {
    try (Connection superuser = fixture.database().asSuperuser();
        Statement statement = superuser.createStatement()) {
      for (String command : commands) {
        boolean _ = statement.execute(command);
      }
    }
  }
}
