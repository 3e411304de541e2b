// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** The page of one record. */
class RecordPageTest extends ConsoleWorld {

  private static String path(dev.obolus.audit.AuditRecord record) {
    return "/audit/records/" + record.chain() + "/" + record.seq();
  }

  @Test
  void tellsWhoThroughWhomAskedWhatWhyAndWhatHappened() {
    var records = Records.starting();
    var permit = log.add(records.allowed("d-1", Records.ALICE));
    log.add(records.served("d-1", permit, 42));

    var page = signedIn(StandInIdentity.Who.OLGA).get(path(permit)).body();

    assertThat(page)
        .contains("Alice Almeida", Records.ALICE, Records.TENANT)
        .contains("finance-copilot", "verified-agent", "planner-bot", "self-asserted, not verified")
        .contains("main.sales.orders", "email", "pii", "quarterly-report")
        .contains("SALES-001", "Sales people read orders of their own region.", "r-3f9a7c")
        .contains("42 rows, 3.3 KB", "01ef-9d2c-stmt")
        .contains("committed: the value is not here, only its salted seal")
        .contains(permit.leaf().hex(), permit.mac().hex(), "k-17");
  }

  @Test
  void aDecisionIsFoundByItsId() {
    var records = Records.starting();
    log.add(records.signedIn(Records.OLGA));
    var denied = log.add(records.denied("d-7", Records.BOB));
    var page = signedIn(StandInIdentity.Who.OLGA).get("/audit/d/d-7");
    assertThat(page.uri().getPath()).isEqualTo(path(denied));
    assertThat(page.body()).contains("Nothing was sent to the source.");
  }

  @Test
  void aRecordOfAnotherTenantIsAnsweredLikeOneThatDoesNotExist() {
    var records = Records.starting();
    var foreign =
        log.add(
            records.decided(
                "d-x", Records.BOB, "deny", "SALES-004", "secret.plans", Records.OTHER_TENANT));
    var visitor = signedIn(StandInIdentity.Who.OLGA);

    var hidden = visitor.get(path(foreign));
    var absent = visitor.get("/audit/records/" + foreign.chain() + "/999");

    assertThat(hidden.statusCode()).isEqualTo(404);
    assertThat(hidden.body()).doesNotContain("secret.plans");
    assertThat(normal(hidden.body())).isEqualTo(normal(absent.body()));
    assertThat(visitor.get("/audit").body()).doesNotContain("secret.plans");
    assertThat(visitor.get(path(foreign) + "/json", "application/json").statusCode())
        .isEqualTo(404);
    assertThat(visitor.get("/audit/d/d-x").statusCode()).isEqualTo(404);
  }

  /** Without what differs on every page: nonces, tokens, its own address. */
  private static String normal(String html) {
    return html.replaceAll("(nonce|value)=\"[^\"]*\"", "");
  }

  @Test
  void verifyingOneRecordAsksTheGatewayAndShowsItsWord() {
    var record = log.add(Records.starting().denied("d-1", Records.BOB));
    var visitor = signedIn(StandInIdentity.Who.OLGA);
    GATEWAY.broken(record.chain().toString(), record.seq());

    var page =
        visitor.post(path(record) + "/verification", visitor.get(path(record)), Map.of("a", "b"));

    assertThat(GATEWAY.asked)
        .anyMatch(a -> a.contains("audit/verify") && a.contains("\"chain\":\"" + record.chain()));
    assertThat(page.body()).contains("This is not what was sealed", "Log is broken");
    GATEWAY.sound();
    assertThat(visitor.post("/audit/verification", visitor.get("/audit"), Map.of("a", "b")).body())
        .contains("The log is whole", "48,211 records in 3 chains");
  }

  @Test
  void aGatewaysSilenceDoesNotHideABrokenLog() {
    var record = log.add(Records.starting().denied("d-1", Records.BOB));
    var visitor = signedIn(StandInIdentity.Who.OLGA);
    GATEWAY.broken(record.chain().toString(), record.seq());
    visitor.post("/audit/verification", visitor.get("/audit"), Map.of("a", "b"));
    GATEWAY.status = 503;
    var page = visitor.post("/audit/verification", visitor.get("/audit"), Map.of("a", "b"));
    assertThat(page.body()).contains("The log is broken", "No gateway answers", path(record));
    GATEWAY.sound();
    visitor.post("/audit/verification", visitor.get("/audit"), Map.of("a", "b"));
  }

  @Test
  void withoutItsDatabaseThePageSaysSo() {
    var visitor = signedIn(StandInIdentity.Who.OLGA);
    log.down();
    var page = visitor.get("/audit");
    assertThat(page.statusCode()).isEqualTo(503);
    assertThat(page.body()).contains("The log cannot be read", "Try again");
  }
}
