// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.ChainId;
import dev.obolus.console.FakeLog;
import dev.obolus.console.Records;
import dev.obolus.console.reading.FilterGrammar.Reading;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The filter's grammar, and that the store and the tail understand it alike. */
class FilterTest {
  private static final int ROUNDS = 400;
  private static final List<String> WORDS =
      List.of(
          "effect:deny",
          "effect:allow,held",
          "effect:error",
          "effect:error,deny",
          "-effect:allow",
          "event:decided",
          "event:served,failed",
          "-event:signed_in",
          "user:" + Records.ALICE,
          "-user:" + Records.BOB,
          "agent:finance-*",
          "client:0b010500-0000-4000-8000-0000000000b1",
          "resource:main.sales.orders",
          "resource:*forecast",
          "-resource:main.sales.orders",
          "reason:SALES-004",
          "reason:SALES-001,SALES-004",
          "label:pii",
          "-label:internal",
          "purpose:\"quarterly-report\"",
          "decision:d-1,d-2",
          "connector:databricks-sales",
          "chain:" + Records.CHAIN);

  private static Filter filter(String text) {
    if (FilterGrammar.read(text, name -> Set.of()) instanceof Reading.Understood(Filter filter)) {
      return filter;
    }
    throw new AssertionError("not understood: " + text);
  }

  private static String complaint(String text) {
    if (FilterGrammar.read(text, name -> Set.of())
        instanceof Reading.Misunderstood(String sentence)) {
      return sentence;
    }
    throw new AssertionError("understood: " + text);
  }

  private static List<AuditRecord> randomRecords(Random random) {
    var records =
        List.of(
            Records.starting(),
            new Records(ChainId.parse("00".repeat(16)), Instant.parse("2026-11-21T14:31:02Z")));
    var all = new ArrayList<AuditRecord>();
    for (int i = 0; i < 30; i++) {
      var chain = records.get(random.nextInt(2));
      var person = List.of(Records.ALICE, Records.BOB, "-").get(random.nextInt(3));
      var decision = "d-" + random.nextInt(6);
      var effect = List.of("allow", "deny", "step_up", "approval_needed").get(random.nextInt(4));
      var resource = List.of("main.sales.orders", "main.sales.forecast").get(random.nextInt(2));
      var reason = List.of("SALES-001", "SALES-004", "ORG-001").get(random.nextInt(3));
      var decided = chain.decided(decision, person, effect, reason, resource, Records.TENANT);
      all.add(decided);
      switch (random.nextInt(4)) {
        case 0 -> all.add(chain.served(decision, decided, random.nextInt(100)));
        case 1 -> all.add(chain.failed(decision, decided, "source_denied", random.nextBoolean()));
        case 2 -> all.add(chain.signedIn(Records.OLGA));
        default -> {}
      }
    }
    return all;
  }

  @Test
  void theStoresQueryNeverLosesWhatThePredicateWants() {
    for (int seed = 0; seed < ROUNDS; seed++) {
      var random = new Random(seed);
      var text = new StringBuilder();
      for (int n = random.nextInt(4); n >= 0; n--) {
        text.append(WORDS.get(random.nextInt(WORDS.size()))).append(' ');
      }
      var filter = filter(text.toString());
      var query = filter.query(Optional.empty());
      assertThat(randomRecords(random))
          .as("seed %s: %s", seed, text)
          .filteredOn(record -> filter.test(Entry.of(record)))
          .allMatch(record -> FakeLog.matches(record, query));
    }
  }

  @Test
  void pagesOfTheStoreHoldExactlyWhatTheTailWouldShow() {
    for (int seed = 0; seed < ROUNDS / 10; seed++) {
      var random = new Random(seed);
      var filter = filter(WORDS.get(random.nextInt(WORDS.size())));
      var log = new FakeLog();
      var records = randomRecords(random);
      records.forEach(log::add);
      var live =
          records.stream()
              .map(Entry::of)
              .filter(filter::test)
              .sorted(Entry.NEWEST_FIRST)
              .map(Entry::place)
              .toList();

      var paged = new ArrayList<Entry.Place>();
      Optional<LogPages.Cursor> cursor = Optional.empty();
      do {
        var page =
            java.util.Objects.requireNonNull(
                new LogPages(log).page(Set.of(Records.TENANT), filter, cursor, 7).block());
        page.entries().forEach(e -> paged.add(e.place()));
        cursor = page.older().map(c -> LogPages.Cursor.parse(c.toString()).orElseThrow());
      } while (cursor.isPresent());
      assertThat(paged).as("seed %s: %s", seed, filter).isEqualTo(live);
    }
  }

  @Test
  void filtersThatAskTheSameHaveOneCanonicalText() {
    assertThat(filter("effect:held  agent:a,b").toString())
        .isEqualTo(filter("agent:b,a effect:approval_needed").toString());
  }

  @Test
  void aCanonicalTextIsReadBackAsTheSameFilter() {
    WORDS.forEach(word -> assertThat(filter(filter(word).toString())).isEqualTo(filter(word)));
  }

  @ParameterizedTest
  @CsvSource({
    "effct:deny, effect",
    "usr:alice, user",
    "-reson:x, reason",
    "resources:main, resource"
  })
  void anUnknownKeyIsAnsweredWithTheNearest(String text, String nearest) {
    assertThat(complaint(text))
        .contains("There is no key")
        .endsWith("Did you mean " + nearest + "?");
  }

  @ParameterizedTest
  @CsvSource({
    "deny, has no key",
    "effect:, has no value",
    "effect:denied, Did you mean deny?",
    "'purpose:\"open', quotation mark is open"
  })
  void whatIsWrongIsSaid(String text, String sentence) {
    assertThat(complaint(text)).contains(sentence);
  }

  @Test
  void aNameStandsForEveryPseudonymThatGoesByIt() {
    var people =
        new People(java.util.Map.of(Records.ALICE, "Alice Almeida", "p-2", "alice almeida"));
    assertThat(FilterGrammar.read("user:\"Alice Almeida\"", people::pseudonyms))
        .isEqualTo(new Reading.Understood(filter("user:p-2," + Records.ALICE)));
  }

  @Test
  void aStarStandsForAnythingAndNothingElseIsSpecial() {
    var entry = Entry.of(Records.starting().allowed("d-1", Records.ALICE));
    assertThat(filter("resource:main.*.orders").test(entry)).isTrue();
    assertThat(filter("resource:main.sales.order?").test(entry)).isFalse();
    assertThat(filter("resource:m[ab]in*").test(entry)).isFalse();
    assertThat(filter("resource:*\\E.*").test(entry)).isFalse();
  }

  @Test
  void invisibleAndTurningCharactersAreSpeltOut() {
    assertThat(Shown.of("a\u202Eb\u200Bc\u0007")).isEqualTo("a⟨U+202E⟩b⟨U+200B⟩c⟨U+0007⟩");
    assertThat(Shown.of("plain — text, ünïcode 漢")).isEqualTo("plain — text, ünïcode 漢");
  }
}
