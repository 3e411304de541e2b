// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The live page as a server renders it: what a browser without JavaScript sees. */
class LiveAuditPageTest extends ConsoleWorld {

  @Test
  void showsTheNewestRecordsWithNamesAndSentences() {
    var records = Records.starting();
    var permit = log.add(records.allowed("d-1", Records.ALICE));
    log.add(records.served("d-1", permit, 42));
    log.add(records.denied("d-2", Records.BOB));

    var page = signedIn(StandInIdentity.Who.OLGA).get("/audit");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body())
        .contains("Alice Almeida", "Bob Bianchi", "finance-copilot", "42 rows, 3.3 KB")
        .contains("SALES-004  Bob may not read orders for this purpose.")
        .contains("SALES-001 +1  Sales people read orders of their own region.")
        .contains("data-after=");
  }

  @Test
  void aRevisionActivatedLaterIsToldInItsOwnWordsAndAskedForOnceForEverybody() {
    log.add(Records.starting().denied("d-1", Records.BOB));
    var olga = signedIn(StandInIdentity.Who.OLGA);
    var ada = signedIn(StandInIdentity.Who.ADA);
    assertThat(olga.get("/audit").body()).contains("Bob may not read orders for this purpose.");

    GATEWAY.revision = "r-2";
    GATEWAY.bobMayNot = "Bob is on leave.";
    GATEWAY.asked.clear();
    clock.turn(Duration.ofSeconds(30));

    assertThat(olga.get("/audit").body()).contains("SALES-004  Bob is on leave.");
    assertThat(ada.get("/audit").body()).contains("SALES-004  Bob is on leave.");
    assertThat(Collections.frequency(GATEWAY.asked, "GET /operator/v1/status ")).isEqualTo(1);
  }

  @Test
  void aFaultThatTheOperatorMayNotSeeIsToldWithoutItsPlace() {
    GATEWAY.brokenElsewhere();
    var olga = signedIn(StandInIdentity.Who.OLGA);
    var page = olga.post("/audit/verification", olga.get("/audit"), Map.of());
    assertThat(page.body())
        .contains("The log is broken", "A record that you may not see is not what was sealed.")
        .doesNotContain("Open the record", "0000000000");
    GATEWAY.sound();
    var after = olga.post("/audit/verification", page, Map.of());
    assertThat(after.body()).contains("Log verified");
  }

  @Test
  void whatAVerificationListsIsShownWithTheRecordsThatSayIt() {
    GATEWAY.listing();
    var olga = signedIn(StandInIdentity.Who.OLGA);
    var page = olga.post("/audit/verification", olga.get("/audit"), Map.of()).body();
    assertThat(page)
        .contains("hashes, the log&#39;s signatures")
        .contains("Pruned (1)", "1,200 records of 2026-01, gone")
        .contains("the key is still there (1)", "Key efefefef…")
        .contains("Permits without an outcome (1 and more)", "Decision d-&lt;5&gt;")
        .contains("/audit/records/" + "ab".repeat(16) + "/5")
        .contains("/audit/records/" + "ab".repeat(16) + "/7")
        .doesNotContain("not signed yet");
    GATEWAY.sound();
  }

  private void twoPeople() {
    var records = Records.starting();
    log.add(records.denied("d-alice", Records.ALICE));
    log.add(records.denied("d-bob", Records.BOB));
  }

  @Test
  void aNameThatIsLookedForIsInNoAddress() {
    twoPeople();
    var olga = signedIn(StandInIdentity.Who.OLGA);
    var page = olga.get("/audit");
    var found = olga.post("/audit/search", page, Map.of("q", "user:\"Alice Almeida\""));
    assertThat(found.uri().toString()).endsWith("/audit?q=user%3A" + Records.ALICE);
    assertThat(found.body())
        .contains("value=\"user:&quot;Alice Almeida&quot;\"", "data-q=\"user:" + Records.ALICE)
        .doesNotContain("Bob Bianchi");
  }

  @Test
  void aNameThatWasTypedIntoTheAddressIsTakenOutOfIt() {
    twoPeople();
    var olga = signedIn(StandInIdentity.Who.OLGA);
    var found = olga.get("/audit?q=-user:%22bob%20bianchi%22");
    assertThat(found.uri().toString()).endsWith("/audit?q=-user%3A" + Records.BOB);
    assertThat(found.body()).contains("Alice Almeida");
  }

  @Test
  void whatIsWrongIsSaidBesideTheBoxWithItsCodeAndPlace() {
    var olga = signedIn(StandInIdentity.Who.OLGA);
    var page = olga.get("/audit");
    for (var answer :
        List.of(
            olga.get("/audit?q=label:pii%20effct:deny"),
            olga.post("/audit/search", page, Map.of("q", "label:pii effct:deny")))) {
      assertThat(answer.body())
          .contains("There is no key “effct”.", "Did you mean effect?", "QRY-004, character 11")
          .contains("<span>label:pii </span><mark>effct</mark><span>:deny</span>")
          .contains("value=\"label:pii effct:deny\"")
          .doesNotContain("data-after=");
    }
    assertThat(olga.post("/audit/search", page, Map.of("q", "user:Nobody")).body())
        .contains("Nobody whom you may see goes by the name “Nobody”.", "QRY-010");
  }

  @Test
  void pagesGoBothWaysAndStandStill() {
    var records = Records.starting();
    for (int i = 0; i < 250; i++) {
      log.add(records.denied("d-" + i, Records.BOB));
    }
    var olga = signedIn(StandInIdentity.Who.OLGA);
    var first = olga.get("/audit?q=effect:deny").body();
    assertThat(first).contains("data-after=").doesNotContain("Newer records");
    var second = olga.get(link(first, "next")).body();
    assertThat(second).contains("Older records", "To the newest").doesNotContain("data-after=");
    var third = olga.get(link(second, "next")).body();
    assertThat(rows(third)).hasSize(50);
    var back = olga.get(link(third, "prev")).body();
    assertThat(rows(back)).isEqualTo(rows(second));
    assertThat(rows(olga.get(link(back, "prev")).body())).isEqualTo(rows(first));
  }

  private static String link(String page, String rel) {
    var found = Pattern.compile("<a href=\"([^\"]+)\" rel=\"" + rel + "\"").matcher(page);
    assertThat(found.find()).as(rel).isTrue();
    return found.group(1).replace("&amp;", "&");
  }

  private static List<String> rows(String page) {
    return Pattern.compile("<tr[^>]* data-key=\"([^\"]+/[^\"]+)\"")
        .matcher(page)
        .results()
        .map(row -> row.group(1))
        .toList();
  }

  @Test
  void aSpanThatIsOverDoesNotPretendToBeLive() {
    twoPeople();
    var olga = signedIn(StandInIdentity.Who.OLGA);
    assertThat(olga.get("/audit?q=to:2026-11-20").body())
        .contains("A span that is over", "No record matches")
        .doesNotContain("data-after=");
    assertThat(olga.get("/audit?q=from:now-15m%20effect:deny").body()).contains("data-after=");
  }

  @Test
  void aPresetKeepsWhatElseWasAskedFor() {
    var olga = signedIn(StandInIdentity.Who.OLGA);
    assertThat(olga.get("/audit?q=label:pii%20effect:deny").body())
        .contains("href=\"/audit?q=label%3Apii+effect%3Aallow\"")
        .contains("href=\"/audit?q=label%3Apii+effect%3Adeny+from%3Anow-1h\"")
        .contains("href=\"/audit?q=label%3Apii\"");
  }
}
