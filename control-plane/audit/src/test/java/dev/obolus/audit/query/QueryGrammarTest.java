// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.query.Query.Term;
import dev.obolus.audit.query.Reading.Fault;
import dev.obolus.audit.query.Reading.Misunderstood;
import dev.obolus.audit.query.Reading.Understood;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryGrammarTest {
  private static final Instant NOW = Instant.parse("2026-11-21T14:31:02.123456Z");
  private static final String ALICE = "p-" + "a1".repeat(16);
  private static final String ALSO = "p-" + "a2".repeat(16);

  private static Set<String> people(String name) {
    return Set.of("Alice Almeida", "Ann Example").contains(name) ? Set.of(ALSO, ALICE) : Set.of();
  }

  private static Reading read(String text) {
    return QueryGrammar.read(text, NOW, QueryGrammarTest::people);
  }

  private static Query query(String text) {
    if (read(text) instanceof Understood(Query query)) {
      return query;
    }
    throw new AssertionError(read(text).toString());
  }

  private static Misunderstood fault(String text) {
    if (read(text) instanceof Misunderstood wrong) {
      return wrong;
    }
    throw new AssertionError("understood: " + text);
  }

  private static List<Value> values(String text) {
    List<Term> terms = query(text).terms();
    assertThat(terms).hasSize(1);
    return terms.getFirst().values();
  }

  @Test
  void commasAreOrSpacesAreAndAndAHyphenExcludes() {
    Query query = query("  effect:deny,held   agent:finance-copilot -action:list ");
    assertThat(query.terms())
        .containsExactly(
            new Term(
                Key.EFFECT,
                false,
                List.of(Value.Text.of("deny"), Value.Text.of("approval_needed"))),
            new Term(Key.AGENT, false, List.of(Value.Text.of("finance-copilot"))),
            new Term(Key.ACTION, true, List.of(Value.Text.of("list"))));
  }

  @Test
  void quotesKeepSpacesCommasAndStarsTogether() {
    assertThat(values("purpose:\"quarter close, \\\"Q4\\\" \\\\ *\""))
        .containsExactly(Value.Text.of("quarter close, \"Q4\" \\ *"));
    assertThat(values("resource:\"my table\".*"))
        .containsExactly(new Value.Text(List.of("my table.", "")));
  }

  @Test
  void otherWordsForAKeyMeanTheSameKey() {
    assertThat(query("reason:SALES-004 operation:query uti:x").toString())
        .isEqualTo("rule:SALES-004 action:query token.jti:x");
    assertThat(query("EFFECT:Deny")).isEqualTo(query("effect:deny"));
  }

  @ParameterizedTest
  @CsvSource({
    "ms:>200, 200001, 9223372036854775807",
    "ms:>=200, 200000, 9223372036854775807",
    "ms:<0.5, -9223372036854775808, 499",
    "ms:<=5, -9223372036854775808, 5000",
    "ms:12, 12000, 12999",
    "ms:0.4, 400, 499",
    "ms:1..2, 1000, 2000",
    "seq:7, 7, 7",
    "seq:100..200, 100, 200"
  })
  void numbersAreComparedInTheUnitOfTheRecord(String text, long from, long to) {
    assertThat(values(text))
        .containsExactly(new Value.Range(from, to, text.substring(text.indexOf(':') + 1)));
  }

  @ParameterizedTest
  @CsvSource({
    "from:now-15m, 2026-11-21T14:16:02.123456Z",
    "from:now-2d, 2026-11-19T14:31:02.123456Z",
    "from:now-1w, 2026-11-14T14:31:02.123456Z",
    "from:2026-11-20, 2026-11-20T00:00:00Z",
    "from:2026-11-20T10:05, 2026-11-20T10:05:00Z",
    "from:2026-11-20T10:05:07.25Z, 2026-11-20T10:05:07.250Z"
  })
  void aSpanBeginsAtItsFirstMoment(String text, Instant at) {
    assertThat(query(text).from().orElseThrow().at()).isEqualTo(at);
  }

  @ParameterizedTest
  @CsvSource({
    "to:now, 2026-11-21T14:31:02.123456Z",
    "to:2026-11-20, 2026-11-21T00:00:00Z",
    "to:2026-11-20T10:05, 2026-11-20T10:06:00Z",
    "to:2026-11-20T10:05:07, 2026-11-20T10:05:08Z",
    "to:2026-11-20T10:05:07.000001, 2026-11-20T10:05:07.000002Z"
  })
  void aSpanEndsAfterTheWholeOfItsLastDayMinuteOrSecond(String text, Instant at) {
    assertThat(query(text).to().orElseThrow().at()).isEqualTo(at);
  }

  @Test
  void aNameStandsForEveryPseudonymThatGoesByIt() {
    assertThat(query("-user:\"Alice Almeida\"").toString())
        .isEqualTo("-user:" + ALICE + "," + ALSO);
    assertThat(query("who:" + ALICE + ",p-b*").toString()).isEqualTo("user:" + ALICE + ",p-b*");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "effct:deny               | UNKNOWN_KEY    | 0 | 5  | Did you mean effect?",
        "label:pii -reson:x       | UNKNOWN_KEY    | 11 | 16 | Did you mean reason?",
        "label:pii deny           | NO_KEY         | 10 | 14 | Did you mean effect:deny?",
        "orders                   | NO_KEY         | 0 | 6  | text:orders",
        "effect:                  | NO_VALUE       | 0 | 7  | such as effect:deny,held",
        "effect:allow,denied      | BAD_VALUE      | 13 | 19 | Did you mean deny?",
        "lane:obi                 | BAD_VALUE      | 5 | 8  | Did you mean obo?",
        "class:reads              | BAD_VALUE      | 6 | 11 | Did you mean read?",
        "event:decide             | BAD_VALUE      | 6 | 12 | Did you mean decided?",
        "ms:fast                  | BAD_VALUE      | 3 | 7  | Write one such as 200",
        "seq:1.5                  | BAD_VALUE      | 4 | 7  | Write one such as 200",
        "ms:1*                    | BAD_VALUE      | 3 | 5  | Write one such as 200",
        "seq:9..3                 | BAD_VALUE      | 4 | 8  | smaller number first",
        "chain:4f9d0c31           | BAD_VALUE      | 6 | 14 | chain:4f9d0c31*",
        "from:yesterday           | BAD_VALUE      | 5 | 14 | now-15m",
        "from:2026-13-01          | BAD_VALUE      | 5 | 15 | now-15m",
        "purpose:\"open           | OPEN_QUOTE     | 8 | 13 | Close it",
        "-from:now                | SPAN           | 0 | 9  | from:now-1h",
        "from:now-1h from:now-2h  | SPAN           | 12 | 23 | from:now-1h",
        "from:now to:now-1h       | SPAN           | 0 | 18 | earlier time",
        "from:now-401d            | SPAN           | 0 | 13 | a part of it",
        "user:Mallory             | UNKNOWN_PERSON | 5 | 12 | whole name",
        "user:Ali*                | UNKNOWN_PERSON | 5 | 9  | whole name"
      })
  void whatIsWrongIsNamedWithItsPlaceAndWhatToDo(
      String text, Fault fault, int from, int to, String next) {
    Misunderstood wrong = fault(text);
    assertThat(wrong.fault()).isEqualTo(fault);
    assertThat(List.of(wrong.from(), wrong.to())).isEqualTo(List.of(from, to));
    assertThat(wrong.next()).contains(next);
  }

  @Test
  void whatNoRecordCanBeSearchedForIsRefused() {
    assertThat(fault("text:a\0b").from()).isEqualTo(6);
    assertThat(fault("text:a\uD800b").fault()).isEqualTo(Fault.CHARACTER);
    assertThat(fault("text:\uDC00").fault()).isEqualTo(Fault.CHARACTER);
    assertThat(values("text:\uD83D\uDE00")).hasSize(1);
  }

  @Test
  void aQueryIsBounded() {
    assertThat(fault("text:" + "x".repeat(QueryGrammar.LONGEST)).fault()).isEqualTo(Fault.TOO_LONG);
    assertThat(query("seq:1 ".repeat(QueryGrammar.MOST_TERMS)).terms()).hasSize(1);
    assertThat(fault("seq:1 ".repeat(QueryGrammar.MOST_TERMS + 1)).fault())
        .isEqualTo(Fault.TOO_MANY);
    assertThat(fault("rev:" + "x,".repeat(QueryGrammar.MOST_VALUES + 1)).fault())
        .isEqualTo(Fault.TOO_MANY);
    assertThat(fault("user:" + "é".repeat(200)).sentence().length()).isLessThan(150);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   ", "\t"})
  void nothingAsksForEverything(String text) {
    assertThat(query(text)).isEqualTo(Query.ALL);
  }

  @ParameterizedTest
  @EnumSource
  void theExampleOfEachKeyIsUnderstood(Key key) {
    Query query = query(key.example());
    assertThat(query.isEmpty()).isFalse();
    assertThat(query.terms()).allMatch(term -> term.key() == key);
  }

  @Test
  void aCanonicalTextIsReadBackAsTheSameQuery() {
    String alphabet = "ab\"\\*, :-._%p\u00e9";
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      StringBuilder text = new StringBuilder("purpose:");
      for (int i = random.nextInt(12); i >= 0; i--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      if (read(text.toString()) instanceof Understood(Query query)) {
        assertThat(query(query.toString())).as(text.toString()).isEqualTo(query);
      }
    }
    Query span = query("from:now-15m -to:x".replace("-to:x", "to:2026-11-21 ms:>5"));
    assertThat(span.toString()).isEqualTo("ms:>5 from:now-15m to:2026-11-21");
    assertThat(query(span.toString())).isEqualTo(span);
  }

  @Test
  void queriesThatAskTheSameOfWhatIsToComeShareOneStream() {
    Query early = query("label:pii effect:deny from:now-15m");
    assertThat(early.onwards(NOW)).isEqualTo(query("effect:deny label:pii").onwards(NOW));
    assertThat(query("from:2026-11-22").onwards(NOW).from()).isPresent();
    assertThat(query("to:2026-11-20").reaches(NOW)).isFalse();
    assertThat(query("to:2026-11-21").reaches(NOW)).isTrue();
    assertThat(query("label:pii").reaches(NOW.plus(Duration.ofDays(9_999)))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "a*, abc, true", "*c, abc, true", "*b*, abc, true", "a*c, abc, true", "a*c, ac, true",
    "ab*bc, abc, false", "a*b*c, a-b-c, true", "a*b*c, acb, false", "*, '', true", "a?, ab, false",
    "[ab]*, a, false", "a.*, axy, false", "*\\E*, abc, false"
  })
  void aStarStandsForAnyCharactersAndNothingElseIsSpecial(
      String text, String candidate, boolean matches) {
    assertThat(values("rev:" + text))
        .allMatch(value -> ((Value.Text) value).matches(candidate) == matches);
  }

  @Test
  void aPlaceIsReadBackAndNothingElseIs() {
    Cursor place = Cursor.after(NOW);
    assertThat(Cursor.parse(place.toString())).contains(place);
    assertThat(Cursor.parse(Cursor.before(NOW).toString())).contains(Cursor.before(NOW));
    for (String other :
        List.of("", "1-2-3", place + "-1", "99999999999999999999-" + "0".repeat(32) + "-1")) {
      assertThat(Cursor.parse(other)).as(other).isEmpty();
    }
    assertThat(Cursor.parse("1-" + "0".repeat(32) + "-9999999999999999999")).isEmpty();
  }
}
