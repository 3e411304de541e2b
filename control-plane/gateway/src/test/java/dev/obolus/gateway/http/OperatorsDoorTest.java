// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.gateway.operator.LogVerification;
import dev.obolus.gateway.operator.Noted;
import dev.obolus.gateway.testing.TestIssuer;
import dev.obolus.gateway.testing.TestLog;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;

class OperatorsDoorTest extends SliceTest {
  private static final String OLGA = "0b010500-0000-4000-8000-0000000000c3";
  private static final List<String> EVERY_ROLE =
      List.of("Soc", "Author", "Approver", "Auditor", "Platform", "Admin");

  @Test
  void aTokenOfTheAgentsAudienceIsRefusedWhateverItsRoles() {
    Map<String, Object> claims = operator(EVERY_ROLE);
    claims.put("aud", TestIssuer.GATEWAY);
    claims.put("scp", "access_as_user operate");
    verify(claims)
        .expectStatus()
        .isUnauthorized()
        .expectBody()
        .jsonPath("$.fact")
        .isEqualTo("token_audience");
  }

  @Test
  void anAgentsClientIsRefusedThoughTheAudienceIsRight() {
    Map<String, Object> claims = operator(EVERY_ROLE);
    claims.put("azp", TestIssuer.AGENT);
    verify(claims)
        .expectStatus()
        .isUnauthorized()
        .expectBody()
        .jsonPath("$.fact")
        .isEqualTo("token_client");
  }

  @Test
  void theOperatorsAudienceOpensNoAgentsDoor() {
    post(ISSUER.sign(operator(EVERY_ROLE)), GOOD_BODY).expectStatus().isUnauthorized();
  }

  @Test
  void anAdminOfAnotherServedTenantIsRefusedOnTheRecord() {
    Map<String, Object> claims = operator(EVERY_ROLE);
    claims.put("tid", TestIssuer.OTHER_TENANT);
    claims.put("iss", TestIssuer.ISSUER.replace("{tenantid}", TestIssuer.OTHER_TENANT));
    verify(claims)
        .expectStatus()
        .isForbidden()
        .expectBody()
        .jsonPath("$.code")
        .isEqualTo("role_required");
    assertThat(log.events())
        .singleElement()
        .isInstanceOfSatisfying(
            AuditEvent.OperatorActed.class,
            acted -> {
              assertThat(acted.result()).isEqualTo("refused");
              assertThat(acted.tenant()).isEqualTo(TestIssuer.OTHER_TENANT);
            });
  }

  @Test
  void anAdminWithoutTheRoleForItIsRefused() {
    verify(operator(List.of("Admin", "soc"))).expectStatus().isForbidden();
  }

  @Test
  void verifyingIsAnsweredAndRecorded() {
    verify(operator(List.of("Soc")))
        .expectStatus()
        .isOk()
        .expectBody()
        .json(
            """
            {"state":"verified","keyed":true,"records":7,"chains":1,"first_bad":null,"took_ms":3}
            """);
    assertThat(log.events())
        .singleElement()
        .isInstanceOfSatisfying(
            AuditEvent.OperatorActed.class,
            acted -> {
              assertThat(acted.action()).isEqualTo("audit.verify");
              assertThat(acted.about()).isEqualTo("all");
              assertThat(acted.result()).isEqualTo("verified");
            });
  }

  @Test
  void aRecordOfAnotherTenantIsAnsweredLikeOneThatDoesNotExist() {
    keep(1, TestIssuer.TENANT);
    keep(2, TestIssuer.OTHER_TENANT);

    verifyPlace(operator(List.of("Soc")), 1).expectStatus().isOk();
    String hidden = notFound(verifyPlace(operator(List.of("Soc")), 2));
    assertThat(hidden).isEqualTo(notFound(verifyPlace(operator(List.of("Soc")), 999)));

    verifyPlace(ofTheThirdTenant(), 2).expectStatus().isOk();
    assertThat(notFound(verifyPlace(ofTheThirdTenant(), 1))).isEqualTo(hidden);
    assertThat(log.events().stream().map(e -> ((AuditEvent.OperatorActed) e).result()))
        .containsExactly("verified", "not_found", "not_found", "verified", "not_found");
  }

  @Test
  void everybodyIsToldThatTheLogIsBrokenAndWhereOnlyWhoMaySeeThatRecord() {
    keep(2, TestIssuer.OTHER_TENANT);
    verification.firstBad = bad(2, "leaf");
    verify(operator(List.of("Soc")))
        .expectBody()
        .jsonPath("$.state")
        .isEqualTo("broken")
        .jsonPath("$.first_bad")
        .isEqualTo(null);
    verify(ofTheThirdTenant()).expectBody().jsonPath("$.first_bad.seq").isEqualTo(2);

    verification.firstBad = bad(3, "missing");
    verify(operator(List.of("Soc"))).expectBody().jsonPath("$.first_bad.seq").isEqualTo(3);
  }

  @Test
  void whatAVerificationListsIsToldOfTheTenantsThatOneMaySee() {
    ChainId chain = ChainId.parse("ab".repeat(16));
    LogVerification.Place by = new LogVerification.Place(chain, 9);
    List<Noted.OpenPermit> permits = new ArrayList<>();
    for (long seq = 1; seq <= Noted.MOST + 1; seq++) {
      permits.add(
          new Noted.OpenPermit(
              TestIssuer.TENANT, new LogVerification.Place(chain, seq), "decision-" + seq));
    }
    permits.add(new Noted.OpenPermit(TestIssuer.OTHER_TENANT, by, "theirs"));
    verification.noted =
        new Noted(
            List.of(
                new Noted.Prune(chain, 202601, Set.of(TestIssuer.TENANT), 12, by, true),
                new Noted.Prune(
                    chain,
                    202602,
                    Set.of(TestIssuer.TENANT, TestIssuer.OTHER_TENANT),
                    13,
                    by,
                    false)),
            List.of(new Noted.Undestroyed(TestIssuer.TENANT, "cd".repeat(32), by)),
            permits,
            List.of(new Noted.Awaited(TestIssuer.TENANT, by, by)),
            List.of());
    verify(operator(List.of("Soc")))
        .expectBody()
        .jsonPath("$.pruned.length()")
        .isEqualTo(1)
        .jsonPath("$.pruned[0].epoch")
        .isEqualTo(202601)
        .jsonPath("$.pruned[0].records")
        .isEqualTo(12)
        .jsonPath("$.pruned[0].by.seq")
        .isEqualTo(9)
        .jsonPath("$.undestroyed[0].key")
        .isEqualTo("cd".repeat(32))
        .jsonPath("$.open_permits.length()")
        .isEqualTo(Noted.MOST)
        .jsonPath("$.open_permits[0].decision_id")
        .isEqualTo("decision-1")
        .jsonPath("$.awaited[0].by.chain")
        .isEqualTo(chain.toString())
        .jsonPath("$.cut")
        .isEqualTo(List.of("open_permits"));
    verify(ofTheThirdTenant())
        .expectBody()
        .jsonPath("$.pruned")
        .isEmpty()
        .jsonPath("$.undestroyed")
        .isEmpty()
        .jsonPath("$.awaited")
        .isEmpty()
        .jsonPath("$.open_permits.length()")
        .isEqualTo(1)
        .jsonPath("$.open_permits[0].decision_id")
        .isEqualTo("theirs")
        .jsonPath("$.cut")
        .isEmpty();
  }

  @Test
  void anOperatorIsToldTheNamesOfTheTenantsThatHeMaySee() {
    get("/operator/v1/people", operator(List.of("Soc")))
        .expectBody()
        .jsonPath("$.people[*].name")
        .isEqualTo("Alice Marlow");
    get("/operator/v1/people", ofTheThirdTenant())
        .expectBody()
        .jsonPath("$.people[*].name")
        .isEqualTo("Bob of B");
  }

  @Test
  void aMisnamedRecordIsPointedAt() {
    send("/operator/v1/audit/verify", operator(List.of("Soc")), "{\"chain\":\"x\",\"seq\":1}")
        .expectStatus()
        .isBadRequest()
        .expectBody()
        .jsonPath("$.errors[0].pointer")
        .isEqualTo("/chain");
  }

  @Test
  void aSignInIsSealedAndItsReceiptGiven() {
    send("/operator/v1/sign-ins", operator(List.of("Author")), "{}")
        .expectStatus()
        .isCreated()
        .expectBody()
        .jsonPath("$.receipt.seq")
        .isEqualTo(1)
        .jsonPath("$.receipt.leaf")
        .exists();
    assertThat(log.events())
        .singleElement()
        .isInstanceOfSatisfying(
            AuditEvent.SignedIn.class,
            signedIn -> assertThat(signedIn.roles()).containsExactly("Author"));
  }

  @Test
  void nobodyIsNamedUnlessTheNamingIsOnTheRecord() {
    get("/operator/v1/people", operator(List.of("Auditor"))).expectStatus().isOk();
    assertThat(log.events()).hasSize(1);
    log.down(true);
    get("/operator/v1/people", operator(List.of("Auditor")))
        .expectStatus()
        .isEqualTo(503)
        .expectBody()
        .jsonPath("$.code")
        .isEqualTo("audit_unavailable")
        .jsonPath("$.people")
        .doesNotExist();
  }

  @Test
  void theStatusIsForEveryRoleAndLeavesNoRecord() {
    get("/operator/v1/status", operator(List.of("Platform")))
        .expectStatus()
        .isOk()
        .expectBody()
        .jsonPath("$.environment")
        .isEqualTo("demo");
    assertThat(log.events()).isEmpty();
  }

  private void keep(long seq, String tenant) {
    reader.places.put(
        seq,
        new AuditRecord(
            TestLog.CHAIN,
            seq,
            tenant,
            1,
            "e",
            "k",
            "OBO1001A",
            "decided",
            "-",
            Instant.EPOCH,
            new LinkedHashMap<>(),
            Bytes.of(new byte[0]),
            Bytes.of(new byte[32]),
            Bytes.of(new byte[32]),
            Bytes.of(new byte[32])));
  }

  private static Optional<LogVerification.Bad> bad(long seq, String fault) {
    return Optional.of(
        new LogVerification.Bad(
            new LogVerification.Place(TestLog.CHAIN, seq), fault, "A sentence."));
  }

  private static Map<String, Object> ofTheThirdTenant() {
    Map<String, Object> claims = operator(List.of("Soc"));
    claims.put("tid", TestIssuer.THIRD_TENANT);
    claims.put("iss", TestIssuer.ISSUER.replace("{tenantid}", TestIssuer.THIRD_TENANT));
    return claims;
  }

  private WebTestClient.ResponseSpec verifyPlace(Map<String, Object> claims, long seq) {
    return send(
        "/operator/v1/audit/verify",
        claims,
        "{\"chain\":\"" + TestLog.CHAIN + "\",\"seq\":" + seq + "}");
  }

  private static String notFound(WebTestClient.ResponseSpec answer) {
    byte[] body = answer.expectStatus().isNotFound().expectBody().returnResult().getResponseBody();
    assertThat(body).isNotNull();
    return new String(Objects.requireNonNull(body), StandardCharsets.UTF_8)
        .replaceFirst("\"request_id\":\"[0-9a-f]{32}\"", "");
  }

  private WebTestClient.ResponseSpec verify(Map<String, Object> claims) {
    return send("/operator/v1/audit/verify", claims, "{}");
  }

  private WebTestClient.ResponseSpec send(String path, Map<String, Object> claims, String body) {
    return client()
        .post()
        .uri(path)
        .contentType(MediaType.APPLICATION_JSON)
        .header("Authorization", "Bearer " + ISSUER.sign(claims))
        .bodyValue(body)
        .exchange();
  }

  private WebTestClient.ResponseSpec get(String path, Map<String, Object> claims) {
    return client()
        .get()
        .uri(path)
        .header("Authorization", "Bearer " + ISSUER.sign(claims))
        .exchange();
  }

  private static Map<String, Object> operator(List<String> roles) {
    Map<String, Object> claims = TestIssuer.claims(OLGA);
    claims.put("aud", TestIssuer.OPERATOR);
    claims.put("azp", TestIssuer.CONSOLE);
    claims.put("scp", "operate");
    claims.put("roles", roles);
    return claims;
  }
}
