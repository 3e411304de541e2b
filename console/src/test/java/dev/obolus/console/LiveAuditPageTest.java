// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import static org.assertj.core.api.Assertions.assertThat;

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
        .contains("data-after=");
  }
}
