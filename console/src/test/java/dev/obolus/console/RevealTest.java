// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditRecord;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** A personal value of a record, shown for a reason. */
@ExtendWith(OutputCaptureExtension.class)
class RevealTest extends ConsoleWorld {
  private static final String VALUE = "SELECT email FROM main.sales.orders -- canary-7d1f";
  private static final String SHOWN =
      "\"state\":\"revealed\",\"value\":\"" + VALUE + "\",\"salt\":\"" + "5a".repeat(16) + "\"";

  private static String path(AuditRecord record) {
    return "/audit/records/" + record.chain() + "/" + record.seq();
  }

  private static HttpResponse<String> reveal(
      Visitor visitor, AuditRecord record, String field, String reason) {
    return visitor.post(
        path(record) + "/reveal",
        visitor.get(path(record)),
        Map.of("field", field, "reason", reason));
  }

  private AuditRecord denied() {
    return log.add(Records.starting().denied("d-1", Records.BOB));
  }

  @Test
  void aRecordOffersEachValueThatItHasAndNoOther() {
    var record = denied();
    var page = signedIn(StandInIdentity.Who.OLGA).get(path(record)).body();
    assertThat(page)
        .contains("value=\"person\"", "value=\"statement\"", "value=\"inputs\"")
        .contains("for=\"reason-statement\"", "id=\"reason-statement\"", "required")
        .doesNotContain("value=\"obligations\"");
  }

  @Test
  void anOutcomeAsksForTheValuesOfItsDecision() {
    var records = Records.starting();
    var permit = log.add(records.allowed("d-1", Records.ALICE));
    var served = log.add(records.served("d-1", permit, 42));
    var page = signedIn(StandInIdentity.Who.ADA).get(path(served)).body();
    assertThat(page)
        .contains("action=\"" + path(permit) + "/reveal\"")
        .doesNotContain("action=\"" + path(served) + "/reveal\"");
  }

  @Test
  void aValueIsAskedForAsTheOperatorAndShownWithWhereThatIsOnRecord() {
    var record = denied();
    GATEWAY.reveals(SHOWN);
    var page = reveal(signedIn(StandInIdentity.Who.OLGA), record, "statement", " case 7 ");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body())
        .contains(VALUE, "5a".repeat(16), "The statement")
        .contains("href=\"/audit/records/" + Records.CHAIN + "/3\"", "on the record");
    assertThat(GATEWAY.asked)
        .filteredOn(asked -> asked.startsWith("POST /operator/v1/audit/reveal "))
        .singleElement()
        .asString()
        .contains("\"chain\":\"" + record.chain() + "\"", "\"seq\":1")
        .contains("\"field\":\"statement\"", "\"purpose\":\"case 7\"");
  }

  @Test
  void aValueIsShownOnceAndKeptNowhere(CapturedOutput output) {
    var record = denied();
    var visitor = signedIn(StandInIdentity.Who.OLGA);
    GATEWAY.reveals(SHOWN);
    var page = reveal(visitor, record, "statement", "canary-reason");

    assertThat(page.body()).contains(VALUE);
    assertThat(page.headers().firstValue("Cache-Control").orElse("")).contains("no-store");
    assertThat(page.uri().toString()).doesNotContain("canary");
    assertThat(visitor.get(path(record) + "/reveal").uri().getPath()).isEqualTo(path(record));
    for (var later : new String[] {path(record), path(record) + "/reveal", "/audit"}) {
      assertThat(visitor.get(later).body()).as(later).doesNotContain("canary");
    }
    assertThat(output.getAll()).doesNotContain("canary");
  }

  @Test
  void whatDeceivesTheEyeIsSpeltOutAndMarkupIsText() {
    GATEWAY.reveals(
        "\"state\":\"revealed\",\"value\":\"a\\u202eb\\u0000<script>x</script>\",\"salt\":\"5a\"");
    var page = reveal(signedIn(StandInIdentity.Who.OLGA), denied(), "inputs", "case 7").body();
    assertThat(page)
        .contains("a⟨U+202E⟩b⟨U+0000⟩&lt;script&gt;x&lt;/script&gt;", "are spelt out")
        .doesNotContain("<script>");
  }

  @Test
  void whatIsErasedOrAlteredIsToldAsSuch() {
    var record = denied();
    var visitor = signedIn(StandInIdentity.Who.ADA);
    GATEWAY.reveals("\"state\":\"erased\"");
    assertThat(reveal(visitor, record, "person", "case 7").body())
        .contains("The person is erased", "nobody can read it", Records.CHAIN + "/3");
    GATEWAY.reveals("\"state\":\"altered\"");
    assertThat(reveal(visitor, record, "person", "case 7").body())
        .contains("The person is not what was sealed", "verify this record");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "403 | fresh_sign_in_required | 403 | Sign in again to see it | Sign out, choose Sign in again",
        "403 | role_required | 403 | Your roles do not cover this | Ask whoever assigns the roles",
        "403 | frozen | 403 | You are frozen | Ask whoever watches",
        "404 | not_found | 404 | There is no such value for you | Check the address",
        "401 | invalid_token | 403 | does not take your sign-in | Sign out, sign in again",
        "429 | rate_limited | 429 | A &lt;sentence&gt;. (429) | Do ⟨U+202E⟩this.",
        "503 | audit_unavailable | 503 | No gateway can show it now | Try again in a moment",
      })
  void everyRefusalSaysWhyAndWhatToDo(int with, String code, int status, String why, String next) {
    var record = denied();
    var visitor = signedIn(StandInIdentity.Who.OLGA);
    GATEWAY.reveals(SHOWN);
    GATEWAY.refusing(with, code);
    var page = reveal(visitor, record, "statement", "case 7");
    assertThat(page.statusCode()).isEqualTo(status);
    assertThat(page.body()).contains(why, next, "href=\"" + path(record) + "\"");
  }

  @Test
  void anAnswerThatMakesNoSenseShowsNothing() {
    GATEWAY.reveals("\"state\":\"shown\",\"value\":\"canary\"");
    var page = reveal(signedIn(StandInIdentity.Who.OLGA), denied(), "statement", "case 7");
    assertThat(page.statusCode()).isEqualTo(502);
    assertThat(page.body()).contains("could not be understood").doesNotContain("canary");
  }

  @Test
  void withoutAReasonItsFieldItsTokenOrTheRoleNothingIsAsked() {
    var record = denied();
    GATEWAY.reveals(SHOWN);
    var visitor = signedIn(StandInIdentity.Who.OLGA);
    for (var reason : new String[] {"", "  ", "x".repeat(201)}) {
      var page = reveal(visitor, record, "statement", reason);
      assertThat(page.statusCode()).isEqualTo(400);
      assertThat(page.body()).contains("A reason is needed");
    }
    assertThat(reveal(visitor, record, "salary", "case 7").statusCode()).isEqualTo(404);
    var form = new HashMap<>(Map.of("field", "statement", "reason", "case 7"));
    var unsigned = visitor.post(path(record) + "/reveal", new Visitor().get("/signed-out"), form);
    assertThat(unsigned.uri().getPath()).isEqualTo("/session-expired");
    var author = signedIn(StandInIdentity.Who.PAUL);
    var refused = author.post(path(record) + "/reveal", author.get("/audit"), form);
    assertThat(refused.statusCode()).isEqualTo(403);

    assertThat(GATEWAY.asked).noneMatch(asked -> asked.contains("reveal"));
  }
}
