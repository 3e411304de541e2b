// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.OperatorActed;
import dev.obolus.gateway.operator.LogVerification;
import dev.obolus.gateway.testing.FrontDoors;
import dev.obolus.gateway.testing.TestIssuer;
import dev.obolus.gateway.testing.TestLog;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.reactive.server.WebTestClient;

/** Records leave the log: two operators, a retention that is over, no legal hold. */
class PruneDoorTest extends OperatorSlice {
  private static final String HELD = "0b010500-0000-4000-8000-000000000004";
  private static final String KEPT = "0b010500-0000-4000-8000-000000000005";
  private static final String LINE =
      "ab".repeat(16) + " 9 " + "cd".repeat(32) + " 2 8 7 " + "ef".repeat(32);

  @Autowired FrontDoors.TestPlanning planning;
  @Autowired FrontDoors.TestPseudonyms pseudonyms;

  @DynamicPropertySource
  static void retention(DynamicPropertyRegistry registry) {
    registry.add("obolus.audit.retention.legal-holds", () -> TestIssuer.OTHER_TENANT + "," + HELD);
    registry.add("obolus.audit.retention.tenants." + KEPT, () -> "24");
    registry.add(
        "obolus.operator.data-tenants." + TestIssuer.TENANT,
        () -> String.join(",", TestIssuer.TENANT, HELD, KEPT));
  }

  @BeforeEach
  void known() {
    verification.onlyAsAWhole = false;
    planning.records.clear();
    planning.records.put(TestIssuer.TENANT, 7L);
    planning.records.put(TestIssuer.OTHER_TENANT, 5L);
    planning.chains = List.of(LINE);
    planning.before = Set.of();
  }

  @Test
  void withoutMoreItIsOnlyLookedAt() {
    prune(ADA, 14, "")
        .expectStatus()
        .isOk()
        .expectBody()
        .jsonPath("$.state")
        .isEqualTo("planned")
        .jsonPath("$.tenants.length()")
        .isEqualTo(1)
        .jsonPath("$.tenants[0].tenant")
        .isEqualTo(TestIssuer.TENANT);
    assertThat(onlyRecord().result()).isEqualTo("planned");
  }

  @Test
  void onePersonProposesAndAnotherAgreesAndTheRecordNamesAll() {
    prune(ADA, 14, PROPOSE).expectStatus().isEqualTo(202);
    keep(onlyRecord(), Instant.now());
    prune(ROOT, 14, agree() + EXPORT)
        .expectStatus()
        .isOk()
        .expectBody()
        .jsonPath("$.state")
        .isEqualTo("sealed");
    AuditEvent.Pruned pruned = (AuditEvent.Pruned) log.events().getLast();
    assertThat(pruned.epoch()).isEqualTo(epoch(14));
    assertThat(pruned.tenants()).containsExactly(TestIssuer.TENANT);
    assertThat(pruned.chains()).containsExactly(LINE);
    assertThat(pruned.approvers()).containsExactly("p-" + ADA, "p-" + ROOT);
    assertThat(pruned.retention()).isEqualTo(TestIssuer.TENANT + "=13m minimum=183d");
    assertThat(pruned.proposal()).isEqualTo(TestLog.CHAIN + " 1 " + TestLog.CHAIN + " 2");
    OperatorActed agreed = (OperatorActed) log.events().get(log.events().size() - 2);
    assertThat(agreed.result()).isEqualTo("agreed");
    assertThat(agreed.about()).startsWith(epoch(14) + " plan ");
    assertThat(pruned.export().orElseThrow().location()).isEqualTo("vault 7");
  }

  /** The log's signer looks for who agreed: also where that is their first record ever. */
  @Test
  void aNewcomerWhoAgreesIsNamed() {
    prune(ADA, 14, PROPOSE).expectStatus().isEqualTo(202);
    keep(onlyRecord(), Instant.now());
    pseudonyms.newcomer = ROOT;
    prune(ROOT, 14, agree()).expectStatus().isOk();
    pseudonyms.newcomer = "";
    AuditEvent.Pruned pruned = (AuditEvent.Pruned) log.events().getLast();
    assertThat(pruned.approvers()).containsExactly("p-" + ADA, "p-" + ROOT);
  }

  @Test
  void nobodyAgreesToHisOwnProposalNorToAnotherPlan() {
    prune(ADA, 14, PROPOSE).expectStatus().isEqualTo(202);
    keep(onlyRecord(), Instant.now());
    refused(prune(ADA, 14, agree()), 403, "second_person_required");
    planning.chains = List.of(LINE.replace(" 7 ", " 6 "));
    refused(prune(ROOT, 14, agree()), 403, "second_person_required");
  }

  @Test
  void aProposalOlderThanADayIsNoProposal() {
    prune(ADA, 14, PROPOSE).expectStatus().isEqualTo(202);
    keep(onlyRecord(), Instant.now().minus(Duration.ofHours(25)));
    refused(prune(ROOT, 14, agree()), 403, "second_person_required");
  }

  @Test
  void nothingLeavesALogThatDoesNotVerify() {
    prune(ADA, 14, PROPOSE).expectStatus().isEqualTo(202);
    keep(onlyRecord(), Instant.now());
    verification.firstBad =
        Optional.of(
            new LogVerification.Bad(
                new LogVerification.Place(TestLog.CHAIN, 9), "mac", "A sentence."));
    refused(prune(ROOT, 14, agree()), 403, "second_person_required");
    verification.onlyAsAWhole = true;
    refused(prune(ROOT, 14, agree()), 409, "not_prunable");
  }

  @Test
  void nothingLeavesALogThatNoKeyVouchesFor() {
    prune(ADA, 14, PROPOSE).expectStatus().isEqualTo(202);
    keep(onlyRecord(), Instant.now());
    verification.keyed = false;
    refused(prune(ROOT, 14, agree()), 403, "second_person_required");
    verification.onlyAsAWhole = true;
    refused(prune(ROOT, 14, agree()), 409, "not_prunable");
  }

  @Test
  void whatMustBeKeptStays() {
    refused(prune(ADA, 13, PROPOSE), 409, "retention_running");
    refused(prune(ADA, 0, ""), 409, "retention_running");
  }

  @Test
  void aLegalHoldAndAnotherTenantAreRefused() {
    Map<String, Object> third = of(TestIssuer.THIRD_TENANT, ADA);
    refused(send(third, body(30, tenants(TestIssuer.OTHER_TENANT) + PROPOSE)), 409, "legal_hold");
    refused(prune(ADA, 30, tenants(TestIssuer.OTHER_TENANT) + PROPOSE), 404, "not_found");
    planning.records.clear();
    refused(prune(ADA, 30, PROPOSE), 404, "not_found");
  }

  @Test
  void whatAnEarlierPruneNamedIsTakenAlongOnlyIfItMayGoNow() {
    planning.records.put(HELD, 3L);
    planning.records.put(KEPT, 2L);
    for (String tenants : List.of("", tenants(TestIssuer.TENANT))) {
      planning.before = Set.of(HELD);
      refused(prune(ADA, 14, tenants + PROPOSE), 409, "legal_hold");
      planning.before = Set.of(KEPT);
      refused(prune(ADA, 14, tenants + PROPOSE), 409, "retention_running");
      planning.before = Set.of(TestIssuer.OTHER_TENANT); // under a hold, but that is not ADA's
      refused(prune(ADA, 14, tenants + PROPOSE), 409, "not_prunable");
    }
  }

  @Test
  void whatAnEarlierPruneTookAwayHindersNoLaterOne() {
    planning.records.remove(TestIssuer.OTHER_TENANT);
    planning.before = Set.of(TestIssuer.OTHER_TENANT, HELD, KEPT);
    prune(ADA, 14, PROPOSE).expectStatus().isEqualTo(202);
  }

  @Test
  void anAuthorMayNot() {
    send(operator(ADA, "Author"), body(14, "")).expectStatus().isForbidden();
  }

  @Test
  void whatIsMalformedIsNamed() {
    for (String wrong :
        new String[] {
          "{\"epoch\":202613}",
          "{\"epoch\":\"202611\"}",
          "{\"epoch\":202509,\"tenants\":[\"-\"]}",
          "{\"epoch\":202509,\"propose\":true}",
          "{\"epoch\":202509,\"export\":{\"location\":\"x\"}}",
          "{\"epoch\":202509,\"propose\":true,\"reason\":\"a\\nb\"}",
          "{\"epoch\":202509,\"force\":true}"
        }) {
      send(operator(ADA, "Auditor"), wrong).expectStatus().isBadRequest();
    }
  }

  private static final String PROPOSE = ",\"propose\":true,\"reason\":\"kept long enough\"";
  private static final String EXPORT =
      ",\"export\":{\"location\":\"vault 7\",\"sha256\":\"" + "ab".repeat(32) + "\"}";

  private static String agree() {
    return ",\"reason\":\"kept long enough\"" + PROPOSAL;
  }

  private static String tenants(String tenant) {
    return ",\"tenants\":[\"" + tenant + "\"]";
  }

  private static int epoch(int monthsAgo) {
    YearMonth month = YearMonth.now(ZoneOffset.UTC).minusMonths(monthsAgo);
    return month.getYear() * 100 + month.getMonthValue();
  }

  private static String body(int monthsAgo, String more) {
    return "{\"epoch\":" + epoch(monthsAgo) + more + "}";
  }

  private WebTestClient.ResponseSpec prune(String who, int monthsAgo, String more) {
    return send(operator(who, "Auditor"), body(monthsAgo, more));
  }

  private WebTestClient.ResponseSpec send(Map<String, Object> claims, String body) {
    return send("prune", claims, body);
  }

  @Override
  void refused(WebTestClient.ResponseSpec answer, int status, String code) {
    super.refused(answer, status, code);
    assertThat(log.events()).noneMatch(AuditEvent.Pruned.class::isInstance);
  }

  /** An operator of that tenant. */
  private static Map<String, Object> of(String tenant, String who) {
    Map<String, Object> claims = operator(who, "Auditor");
    claims.put("tid", tenant);
    claims.put("iss", TestIssuer.ISSUER.replace("{tenantid}", tenant));
    return claims;
  }
}
