// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.gateway.testing.TestIssuer;
import java.util.List;
import java.util.Map;
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
