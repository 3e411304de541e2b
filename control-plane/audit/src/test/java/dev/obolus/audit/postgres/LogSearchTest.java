// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.query.Cursor;
import dev.obolus.audit.query.Key;
import dev.obolus.audit.query.Page;
import dev.obolus.audit.query.Page.Start;
import dev.obolus.audit.query.Query;
import dev.obolus.audit.query.QueryGrammar;
import dev.obolus.audit.query.Reading;
import dev.obolus.audit.query.Searchable;
import dev.obolus.audit.query.Value;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** That the store answers a query as looking at each record does, page by page, both ways. */
class LogSearchTest {
  private static final int EVENTS = 260;
  private static final int QUERIES = 400;
  private static final Set<String> VISIBLE = Set.of(LogFixture.TENANT, OddEvents.SECOND);

  @TempDir static Path folder;
  private static LogFixture fixture;
  private static AuditDatabase log;
  private static ConnectionPool console;
  private static List<AuditRecord> all;

  @BeforeAll
  static void write() throws IOException {
    fixture = LogFixture.fresh(folder);
    try (AuditDatabase earlier = fixture.openReady()) {
      OddEvents.write(earlier, EVENTS / 2, new Random(7));
    }
    log = fixture.openReady();
    OddEvents.write(log, EVENTS / 2, new Random(8));
    console = AuditViews.pool(fixture.settings("obolus_console"), "test", 2);
    long records = get(log.reader().heads()).values().stream().mapToLong(Long::longValue).sum();
    all = get(log.feed().follow(Map.of()).take(records).collectList());
  }

  @AfterAll
  static void close() {
    console.dispose();
    log.close();
  }

  /** One term, often of a value that some record has. */
  private static String term(Random random) {
    Key key = List.of(Key.values()).get(random.nextInt(Key.values().length));
    AuditRecord some = all.get(random.nextInt(all.size()));
    return switch (key) {
      case MS -> minus(random) + "ms:" + numbers(random, 4);
      case SEQ -> minus(random) + "seq:" + numbers(random, EVENTS);
      case FROM -> "from:" + some.at();
      case TO -> "to:" + some.at();
      case USER ->
          some.person().equals("-")
              ? "user:p-*"
              : minus(random) + "user:" + some.person() + (random.nextBoolean() ? ",p-0*" : "");
      case CHAIN ->
          minus(random)
              + "chain:"
              + (random.nextBoolean()
                  ? some.chain().toString()
                  : some.chain().toString().substring(0, 3) + "*");
      case EFFECT ->
          minus(random) + "effect:" + OddEvents.one(random, "allow", "deny,held", "error", "d*");
      case EVENT ->
          minus(random) + "event:" + OddEvents.one(random, "decided", "served,failed", "*ed");
      case CLASS -> minus(random) + "class:" + OddEvents.one(random, "read", "write,delete", "*e*");
      case LANE -> minus(random) + "lane:" + OddEvents.one(random, "obo", "workload,key", "*o*");
      case DECISION -> minus(random) + "decision:d-" + random.nextInt(40) + ",d-1";
      case TENANT ->
          minus(random)
              + "tenant:"
              + OddEvents.one(random, LogFixture.TENANT, "4*", OddEvents.FOREIGN, "-");
      case CODE ->
          minus(random) + "code:" + OddEvents.one(random, "OBO1001A", "*D", "OBO100*,OBO2001D");
      default -> minus(random) + key.word() + ":" + text(random) + "," + text(random);
    };
  }

  private static String minus(Random random) {
    return random.nextInt(3) == 0 ? "-" : "";
  }

  private static String numbers(Random random, int most) {
    int number = random.nextInt(most);
    return switch (random.nextInt(5)) {
      case 0 -> ">" + number;
      case 1 -> "<=" + number;
      case 2 -> number + ".." + (number + 2);
      case 3 -> "<" + number + ",>=" + (number + 1);
      default -> String.valueOf(number);
    };
  }

  /** A value as it is typed; a NUL as the columns show it. */
  private static String text(Random random) {
    String whole = OddEvents.odd(random).replace('\0', '\uFFFD');
    int cut =
        whole.isEmpty()
            ? 0
            : whole.offsetByCodePoints(0, random.nextInt(whole.codePointCount(0, whole.length())));
    Value.Text value =
        switch (random.nextInt(6)) {
          case 0 -> new Value.Text(List.of(whole.substring(0, cut), ""));
          case 1 -> new Value.Text(List.of("", whole.substring(cut)));
          case 2 -> new Value.Text(List.of("", whole.substring(cut), ""));
          default -> Value.Text.of(whole);
        };
    return value.toString().isEmpty() ? "pii" : value.toString();
  }

  private static String text(int seed) {
    Random random = new Random(seed);
    List<String> terms = new ArrayList<>();
    boolean from = false;
    boolean to = false;
    for (int n = random.nextInt(4); n >= 0; n--) {
      String term = term(random);
      boolean again = term.startsWith("from:") ? from : term.startsWith("to:") && to;
      from |= term.startsWith("from:");
      to |= term.startsWith("to:");
      if (!again) {
        terms.add(term);
      }
    }
    return String.join(" ", terms);
  }

  private static List<Cursor> looked(Query query) {
    return all.stream()
        .filter(record -> VISIBLE.containsAll(record.tenants()))
        .filter(record -> query.test(Searchable.of(record)))
        .map(Cursor::of)
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  private static Page page(Query query, Start start, int limit, LogSearch.Reach reach) {
    return get(
        Mono.usingWhen(
            console.create(),
            connection -> LogSearch.of(connection, VISIBLE, query, start, limit, reach),
            Connection::close));
  }

  /** A page from a pool, as a console has it. */
  private static Page page(Query query, Start start, int limit) {
    return get(log.reader().search(VISIBLE, query, start, limit));
  }

  @Test
  void theStoreFindsWhatLookingAtEachRecordFinds() {
    int understood = 0;
    int something = 0;
    for (int seed = 0; seed < QUERIES; seed++) {
      String text = text(seed);
      if (QueryGrammar.read(text, Instant.now(), name -> Set.of())
          instanceof Reading.Understood(Query query)) {
        understood++;
        List<Cursor> expected = looked(query);
        something += expected.isEmpty() ? 0 : 1;
        Page page = page(query, new Start.Newest(), 200);
        assertThat(page.records().stream().map(Cursor::of))
            .as("seed %s: %s", seed, text)
            .containsExactlyElementsOf(expected.subList(0, Math.min(200, expected.size())));
        assertThat(page.older().isPresent()).as(text).isEqualTo(expected.size() > 200);
      }
    }
    // a test that never finds anything, or understands nothing, would show nothing
    assertThat(understood).isGreaterThan(QUERIES * 9 / 10);
    assertThat(something).isGreaterThan(QUERIES / 3);
  }

  @Test
  void pagesFollowOneAnotherWithoutAGapInBothDirectionsHoweverShortTheStretches() {
    for (int seed = 0; seed < 40; seed++) {
      String text = seed == 0 ? "" : text(seed);
      if (QueryGrammar.read(text, Instant.now(), name -> Set.of())
          instanceof Reading.Understood(Query query)) {
        Random random = new Random(seed);
        LogSearch.Reach reach =
            new LogSearch.Reach(
                1 + random.nextInt(9), 10 + random.nextInt(90), 1 + random.nextInt(300));
        int limit = 1 + random.nextInt(40);
        List<Cursor> expected = looked(query);
        assertThat(down(query, limit, reach)).as("%s: %s", seed, text).isEqualTo(expected);
        assertThat(up(query, limit, reach)).as("%s: %s", seed, text).isEqualTo(expected.reversed());
      }
    }
  }

  private static List<Cursor> down(Query query, int limit, LogSearch.Reach reach) {
    List<Cursor> seen = new ArrayList<>();
    Optional<Start> next = Optional.of(new Start.Newest());
    while (next.isPresent()) {
      Page page = page(query, next.get(), limit, reach);
      page.records().forEach(record -> seen.add(Cursor.of(record)));
      next = page.older().map(Start.OlderThan::new);
    }
    return seen;
  }

  private static List<Cursor> up(Query query, int limit, LogSearch.Reach reach) {
    List<Cursor> seen = new ArrayList<>();
    Optional<Start> next = Optional.of(new Start.NewerThan(Cursor.before(Instant.EPOCH)));
    while (next.isPresent()) {
      Page page = page(query, next.get(), limit, reach);
      page.records().reversed().forEach(record -> seen.add(Cursor.of(record)));
      next = page.newer().map(Start.NewerThan::new);
    }
    return seen;
  }

  @Test
  void aSearchThatIsStoppedSaysHowFarItCame() {
    Query nothing =
        QueryGrammar.read("purpose:nobody-ever", Instant.now(), name -> Set.of())
                instanceof Reading.Understood(Query query)
            ? query
            : Query.ALL;
    Page page = page(nothing, new Start.Newest(), 10, new LogSearch.Reach(5, 5, 10));
    assertThat(page.records()).isEmpty();
    assertThat(page.searchedTo()).isPresent();
    assertThat(page.older().map(Cursor::at)).isEqualTo(page.searchedTo());
    Page whole = page(nothing, new Start.Newest(), 10, new LogSearch.Reach(5, 500, 10_000));
    assertThat(whole.searchedTo()).isEmpty();
    assertThat(whole.older()).isEmpty();
  }

  @Test
  void anotherTenantsRecordsAreNotFoundByAskingForThem() {
    String asked = "tenant:" + OddEvents.FOREIGN;
    assertThat(all).anyMatch(record -> record.tenant().equals(OddEvents.FOREIGN));
    if (QueryGrammar.read(asked, Instant.now(), name -> Set.of())
        instanceof Reading.Understood(Query query)) {
      assertThat(page(query, new Start.Newest(), 200).records()).isEmpty();
    }
  }

  @Test
  void theServerItselfEndsAStatementThatTakesTooLong() {
    Mono<Long> slow =
        Mono.usingWhen(
            Connections.to(fixture.settings("obolus_console"), "test", Duration.ofMillis(50))
                .create(),
            connection ->
                Flux.from(connection.createStatement("SELECT pg_sleep(20)").execute())
                    .concatMap(result -> result.map(row -> 1L))
                    .count(),
            Connection::close);
    assertThatThrownBy(slow::block)
        .isInstanceOfSatisfying(
            R2dbcException.class, ended -> assertThat(ended.getSqlState()).isEqualTo("57014"));
  }
}
