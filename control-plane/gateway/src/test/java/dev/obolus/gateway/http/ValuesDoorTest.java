// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.OperatorActed;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.Erasable;
import dev.obolus.audit.Revealed;
import dev.obolus.gateway.operator.LogVerification;
import dev.obolus.gateway.testing.FrontDoors;
import dev.obolus.gateway.testing.TestIssuer;
import dev.obolus.gateway.testing.TestLog;
import java.time.Duration;
import java.time.Instant;
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

/** Showing and forgetting personal values. */
class ValuesDoorTest extends OperatorSlice {
  private static final String REVEAL =
      "{\"chain\":\""
          + TestLog.CHAIN
          + "\",\"seq\":2,\"field\":\"statement\",\"purpose\":\"case 7\"}";
  private static final String HELD = "\"tenant\":\"" + TestIssuer.OTHER_TENANT + "\"";

  /** Whose records the operators of the first tenant see too. */
  private static final String SEEN = "0b010500-0000-4000-8000-000000000006";

  private static final Bytes KEY = Bytes.ofHex("ab".repeat(32));

  @Autowired FrontDoors.TestValues values;

  @DynamicPropertySource
  static void retention(DynamicPropertyRegistry registry) {
    registry.add("obolus.audit.retention.legal-holds", () -> TestIssuer.OTHER_TENANT);
    registry.add(
        "obolus.operator.data-tenants." + TestIssuer.TENANT, () -> TestIssuer.TENANT + "," + SEEN);
  }

  @BeforeEach
  void known() {
    values.revealed = new Revealed.Nothing();
    values.destroyed.clear();
    old(Duration.ofDays(400));
  }

  @Test
  void aValueIsShownForAPurposeAndOnTheRecord() {
    values.revealed = new Revealed.Value("SELECT 1", Bytes.of(new byte[16]));
    reveal("Soc")
        .expectStatus()
        .isOk()
        .expectBody()
        .jsonPath("$.value")
        .isEqualTo("SELECT 1")
        .jsonPath("$.receipt.chain")
        .isEqualTo(TestLog.CHAIN.toString())
        .jsonPath("$.receipt.seq")
        .isEqualTo(1);
    OperatorActed acted = onlyRecord();
    assertThat(acted.action()).isEqualTo("audit.reveal");
    assertThat(acted.result()).isEqualTo("revealed");
    assertThat(acted.about()).isEqualTo(TestLog.CHAIN + "/2 statement for: case 7");
  }

  @Test
  void aTenantWhoseValueIsShownHasThatOnItsRecord() {
    AuditEvent.Person ada = new AuditEvent.Person(TestIssuer.TENANT, ADA);
    keep(new OperatorActed(SEEN, ada, TestIssuer.CONSOLE, "a", "b", "c"), Instant.now());
    for (Revealed revealed :
        List.of(new Revealed.Value("SELECT 1", Bytes.of(new byte[16])), new Revealed.Nothing())) {
      log.clear();
      values.revealed = revealed;
      WebTestClient.ResponseSpec _ =
          send("reveal", operator(ADA, "Auditor"), REVEAL.replace("\"seq\":2", "\"seq\":1"));
      assertThat(onlyRecord().tenant()).isEqualTo(SEEN);
      assertThat(onlyRecord().person()).isEqualTo(ada);
    }
  }

  @Test
  void nothingIsShownUnlessItIsOnTheRecord() {
    values.revealed = new Revealed.Value("SELECT 1", Bytes.of(new byte[16]));
    log.down(true);
    reveal("Soc").expectStatus().isEqualTo(503).expectBody().jsonPath("$.value").doesNotExist();
  }

  @Test
  void aSignInOfTenMinutesAgoOrOfAnUnknownTimeIsNotEnough() {
    values.revealed = new Revealed.Value("SELECT 1", Bytes.of(new byte[16]));
    Map<String, Object> stale = operator(ADA, "Auditor");
    stale.put("auth_time", Instant.now().minusSeconds(600).getEpochSecond());
    refused(send("reveal", stale, REVEAL), 403, "fresh_sign_in_required");
    Object _ = stale.remove("auth_time");
    refused(send("reveal", stale, REVEAL), 403, "fresh_sign_in_required");
    refused(
        send(
            "forget",
            stale,
            body("\"tenant\":\"" + TestIssuer.TENANT + "\"", TestIssuer.ALICE, "")),
        403,
        "fresh_sign_in_required");
    assertThat(log.events()).hasSize(3);
  }

  @Test
  void whatIsErasedOrAlteredIsToldAsSuch() {
    values.revealed = new Revealed.Erased();
    reveal("Auditor")
        .expectBody()
        .json("{\"field\":\"statement\",\"state\":\"erased\",\"receipt\":{\"seq\":1}}");
    values.revealed = new Revealed.Altered();
    reveal("Auditor").expectBody().json("{\"field\":\"statement\",\"state\":\"altered\"}");
    values.revealed = new Revealed.Nothing();
    reveal("Auditor").expectStatus().isNotFound();
  }

  @Test
  void anAuthorIsShownNothing() {
    values.revealed = new Revealed.Value("SELECT 1", Bytes.of(new byte[16]));
    reveal("Author").expectStatus().isForbidden();
  }

  @Test
  void onePersonProposesAndAnotherAgrees() {
    forget(ADA, "").expectStatus().isEqualTo(202).expectBody().jsonPath("$.keys").isEqualTo(1);
    OperatorActed proposed = onlyRecord();
    assertThat(values.destroyed).isEmpty();
    keep(proposed, Instant.now());

    forget(ROOT, PROPOSAL)
        .expectStatus()
        .isOk()
        .expectBody()
        .jsonPath("$.state")
        .isEqualTo("erased");
    assertThat(values.destroyed).hasSize(1);
    AuditEvent.Erased erased = (AuditEvent.Erased) log.events().getLast();
    assertThat(erased.keys()).containsExactly(KEY);
    assertThat(erased.person().objectId()).isEqualTo(ROOT);
    assertThat(erased.proposal()).isEqualTo(TestLog.CHAIN + " 1");
  }

  @Test
  void aTenantWhosePersonIsForgottenHasAllOfItOnItsRecord() {
    forget(ADA, "", SEEN, TestIssuer.ALICE).expectStatus().isEqualTo(202);
    OperatorActed proposed = onlyRecord();
    assertThat(proposed.tenant()).isEqualTo(SEEN);
    assertThat(proposed.person()).isEqualTo(new AuditEvent.Person(TestIssuer.TENANT, ADA));
    keep(proposed, Instant.now());

    refused(forget(ADA, PROPOSAL, SEEN, TestIssuer.ALICE), 403, "second_person_required");
    assertThat(log.events().getLast().tenant()).as("refused").isEqualTo(SEEN);

    forget(ROOT, PROPOSAL, SEEN, TestIssuer.ALICE).expectStatus().isOk();
    AuditEvent.Erased erased = (AuditEvent.Erased) log.events().getLast();
    assertThat(erased.tenant()).isEqualTo(SEEN);
    assertThat(erased.person()).isEqualTo(new AuditEvent.Person(TestIssuer.TENANT, ROOT));
  }

  @Test
  void nobodyWritesIntoTheRecordsOfATenantThatHeMayNotSee() {
    refused(forget(ADA, "", TestIssuer.OTHER_TENANT, TestIssuer.ALICE), 404, "not_found");
    assertThat(onlyRecord().tenant()).isEqualTo(TestIssuer.TENANT);
  }

  @Test
  void nobodyAgreesToHisOwnProposal() {
    forget(ADA, "").expectStatus().isEqualTo(202);
    keep(onlyRecord(), Instant.now());
    refused(forget(ADA, PROPOSAL), 403, "second_person_required");
  }

  @Test
  void nobodyForgetsHimself() {
    refused(forget(ADA, "", TestIssuer.TENANT, ADA), 403, "second_person_required");
  }

  @Test
  void nobodyForgetsHimselfByHisAddress() {
    String emails = ",\"emails\":[\"somebody@example.test\",\"Ada@Example.test\"]";
    for (String claim : List.of("preferred_username", "upn", "email", "unique_name")) {
      Map<String, Object> ada = operator(ADA, "Auditor");
      ada.put(claim, "aDA@example.test");
      String tenant = "\"tenant\":\"" + TestIssuer.TENANT + "\"";
      refused(
          send("forget", ada, body(tenant, TestIssuer.ALICE, emails)),
          403,
          "second_person_required");
    }
    forget(ADA, emails).expectStatus().isEqualTo(202);
  }

  @Test
  void aProposalAboutOtherKeysIsNoProposal() {
    forget(ADA, "").expectStatus().isEqualTo(202);
    keep(onlyRecord(), Instant.now());
    values.erasable =
        new Erasable(
            values.erasable.pseudonym(),
            List.of(Bytes.ofHex("cd".repeat(32))),
            Optional.empty(),
            Set.of());
    refused(forget(ROOT, PROPOSAL), 403, "second_person_required");
  }

  @Test
  void aProposalOlderThanADayIsNoProposal() {
    forget(ADA, "").expectStatus().isEqualTo(202);
    keep(onlyRecord(), Instant.now().minus(Duration.ofHours(25)));
    refused(forget(ROOT, PROPOSAL), 403, "second_person_required");
  }

  @Test
  void aProposalThatDoesNotVerifyIsNoProposal() {
    forget(ADA, "").expectStatus().isEqualTo(202);
    keep(onlyRecord(), Instant.now());
    verification.firstBad =
        Optional.of(
            new LogVerification.Bad(
                new LogVerification.Place(TestLog.CHAIN, 1), "mac", "A sentence."));
    refused(forget(ROOT, PROPOSAL), 403, "second_person_required");
  }

  @Test
  void aProposalThatHashesAloneVouchForIsNoProposal() {
    forget(ADA, "").expectStatus().isEqualTo(202);
    keep(onlyRecord(), Instant.now());
    verification.keyed = false;
    refused(forget(ROOT, PROPOSAL), 403, "second_person_required");
  }

  @Test
  void aLegalHoldAndTheMinimumStopIt() {
    Map<String, Object> ofTheThird = operator(ADA, "Auditor");
    ofTheThird.put("tid", TestIssuer.THIRD_TENANT);
    ofTheThird.put("iss", TestIssuer.ISSUER.replace("{tenantid}", TestIssuer.THIRD_TENANT));
    refused(send("forget", ofTheThird, body(HELD, TestIssuer.ALICE, "")), 409, "legal_hold");
    old(Duration.ofDays(30));
    refused(forget(ADA, ""), 409, "retention_minimum");
  }

  /** Whoever acted on the records of a tenant that is held stays known in these. */
  @Test
  void theHoldOfATenantWhoseRecordsNameThePersonStopsItToo() {
    values.erasable =
        new Erasable(
            values.erasable.pseudonym(),
            List.of(KEY),
            Optional.of(Instant.EPOCH),
            Set.of(TestIssuer.TENANT, TestIssuer.OTHER_TENANT));
    refused(forget(ADA, ""), 409, "legal_hold");
  }

  @Test
  void somebodyOfAnotherTenantOrUnknownIsNotFound() {
    refused(forget(ADA, "", TestIssuer.OTHER_TENANT, TestIssuer.ALICE), 404, "not_found");
    values.erasable = new Erasable(Optional.empty(), List.of(), Optional.empty(), Set.of());
    refused(forget(ADA, ""), 404, "not_found");
  }

  @Override
  void refused(WebTestClient.ResponseSpec answer, int status, String code) {
    super.refused(answer, status, code);
    assertThat(values.destroyed).isEmpty();
  }

  private void old(Duration age) {
    values.erasable =
        new Erasable(
            Optional.of("p-" + TestIssuer.ALICE),
            List.of(KEY),
            Optional.of(Instant.now().minus(age)),
            Set.of());
  }

  private WebTestClient.ResponseSpec reveal(String role) {
    return send("reveal", operator(ADA, role), REVEAL);
  }

  private WebTestClient.ResponseSpec forget(String who, String more) {
    return forget(who, more, TestIssuer.TENANT, TestIssuer.ALICE);
  }

  private WebTestClient.ResponseSpec forget(String who, String more, String tenant, String whom) {
    return send(
        "forget", operator(who, "Auditor"), body("\"tenant\":\"" + tenant + "\"", whom, more));
  }

  private static String body(String tenant, String whom, String more) {
    return "{" + tenant + ",\"object_id\":\"" + whom + "\",\"reason\":\"asked for\"" + more + "}";
  }
}
