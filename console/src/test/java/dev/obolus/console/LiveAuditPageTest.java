// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collections;
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
    var page = olga.post("/audit/verification", olga.get("/audit"), java.util.Map.of());
    assertThat(page.body())
        .contains("The log is broken", "A record that you may not see is not what was sealed.")
        .doesNotContain("Open the record", "0000000000");
    GATEWAY.sound();
    var after = olga.post("/audit/verification", page, java.util.Map.of());
    assertThat(after.body()).contains("Log verified");
  }
}
