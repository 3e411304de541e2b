// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/** A console whose operators were given another tenant's records instead of their own. */
@TestPropertySource(
    properties = "obolus.operator.data-tenants." + Records.TENANT + "=" + Records.OTHER_TENANT)
class DataTenantsTest extends ConsoleWorld {

  @Test
  void theListSaysWhoseRecordsAreSeenAndNothingElseDoes() {
    var records = Records.starting();
    var own = log.add(records.denied("d-own", Records.BOB));
    var given =
        log.add(
            records.decided(
                "d-given", Records.BOB, "deny", "SALES-004", "given.plans", Records.OTHER_TENANT));
    var olga = signedIn(StandInIdentity.Who.OLGA);

    assertThat(olga.get("/audit").body()).contains("given.plans").doesNotContain("Bob Bianchi");
    assertThat(olga.get("/audit/records/" + given.chain() + "/" + given.seq()).statusCode())
        .isEqualTo(200);
    assertThat(olga.get("/audit/records/" + own.chain() + "/" + own.seq()).statusCode())
        .isEqualTo(404);
  }
}
