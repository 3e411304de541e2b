// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.identity.Caller;
import dev.obolus.gateway.mediation.Outcome;
import dev.obolus.gateway.testing.FrontDoors;
import dev.obolus.gateway.testing.TestIssuer;
import dev.obolus.gateway.testing.TestLog;
import dev.obolus.policy.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import reactor.core.publisher.Mono;

class RequestsTest extends SliceTest {

  @Test
  void aVerifiedTokenBecomesACallerAndTheAnswerCarriesItsReceipts() {
    post(ISSUER.token(TestIssuer.ALICE), GOOD_BODY)
        .expectStatus()
        .isOk()
        .expectHeader()
        .valueEquals("Cache-Control", "no-store")
        .expectHeader()
        .exists("X-Request-Id")
        .expectHeader()
        .valueEquals("Obolus-Environment", "demo")
        .expectBody()
        .json(
            """
            {"decision":{"id":"0198f000-0000-7000-8000-000000000001","effect":"allow",
              "record":{"chain":"0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c","seq":1},
              "reasons":[],"obligations":["row_filter"]},
             "receipt":{"chain":"0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c","seq":2},
             "result":{"columns":[{"name":"region","type":"STRING"}],"rows":[["EMEA"]],
              "truncated":false},
             "withheld":[{"kind":"row_filter","rule":"SALES-003"}],
             "environment":"demo"}
            """);

    Caller caller = mediator.callers.getFirst();
    assertThat(caller).isInstanceOf(Caller.UserCaller.class);
    assertThat(caller.facts().objectId()).isEqualTo(TestIssuer.ALICE);
    assertThat(caller.facts().client()).isEqualTo(TestIssuer.AGENT);
    assertThat(mediator.asks.getFirst().arguments()).isEqualTo(Map.of("statement", "SELECT 1"));
  }

  @Test
  void anAppOnlyTokenArrivesAsACallerWithoutASubject() {
    Map<String, Object> claims = TestIssuer.claims("0b010500-0000-4000-8000-0000000000b2");
    claims.remove("scp");
    claims.put("idtyp", "app");
    post(ISSUER.sign(claims), GOOD_BODY).expectStatus().isOk();
    assertThat(mediator.callers.getFirst()).isInstanceOf(Caller.AppCaller.class);
  }

  @Test
  void theTraceIsTheCallersAndBaggageGoesNowhere() {
    client()
        .post()
        .uri("/v1/requests")
        .contentType(MediaType.APPLICATION_JSON)
        .header("Authorization", "Bearer " + ISSUER.token(TestIssuer.ALICE))
        .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .header("baggage", "user=alice")
        .bodyValue(GOOD_BODY)
        .exchange()
        .expectStatus()
        .isOk()
        .expectHeader()
        .doesNotExist("baggage");
    assertThat(mediator.asks.getFirst().traceId()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
  }

  @Test
  void aRefusalIsAProblemWithCodeReasonsAndDecision() {
    mediator.behaviour = (_, _) -> Mono.just(denied(Optional.empty()));
    post(ISSUER.token(TestIssuer.BOB), GOOD_BODY)
        .expectStatus()
        .isForbidden()
        .expectHeader()
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .expectBody()
        .json(
            """
            {"type":"urn:obolus:problem:denied","status":403,"code":"denied",
             "title":"Policy refuses this request.","detail":"Bob is stopped.",
             "decision_id":"0198f000-0000-7000-8000-000000000001",
             "reasons":[{"code":"ORG-017","text":"Bob is stopped.","args":{"who":"you"}}]}
            """)
        .jsonPath("$.request_id")
        .exists()
        .jsonPath("$.next")
        .exists();
  }

  @Test
  void aChallengeIsAnUnauthorizedOnlyForAClientThatUnderstandsIt() {
    mediator.behaviour = (_, _) -> Mono.just(denied(Optional.of("{\"access_token\":{}}")));
    Map<String, Object> capable = TestIssuer.claims(TestIssuer.ALICE);
    capable.put("xms_cc", List.of("CP1"));
    post(ISSUER.sign(capable), GOOD_BODY)
        .expectStatus()
        .isUnauthorized()
        .expectHeader()
        .value(
            "WWW-Authenticate",
            header ->
                assertThat(header)
                    .contains(
                        "error=\"insufficient_claims\"",
                        "claims=\"eyJhY2Nlc3NfdG9rZW4iOnt9fQ==\""));
    post(ISSUER.token(TestIssuer.ALICE), GOOD_BODY).expectStatus().isForbidden();
  }

  @Test
  void aPolicysStepUpIsForbiddenWhateverTheClientUnderstands() {
    mediator.behaviour = (_, _) -> Mono.just(refused(ErrorCode.STEP_UP_REQUIRED, Optional.empty()));
    Map<String, Object> capable = TestIssuer.claims(TestIssuer.ALICE);
    capable.put("xms_cc", List.of("CP1"));
    post(ISSUER.sign(capable), GOOD_BODY)
        .expectStatus()
        .isForbidden()
        .expectHeader()
        .doesNotExist("WWW-Authenticate")
        .expectBody()
        .jsonPath("$.code")
        .isEqualTo("step_up_required")
        .jsonPath("$.claims")
        .doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          not json                                                              |
          {"connector":"c","operation":"o","arguments":{}} x                    |
          []                                                                    |
          {"connector":"c","connector":"d","operation":"o","arguments":{}}      | /connector
          {"connector":"c","operation":"o","arguments":{"a":{"b":1,"b":2}}}     | /arguments/a/b
          {"connector":"c","operation":"o","arguments":{"a":null}}              | /arguments/a
          {"connector":"c","operation":"o","arguments":{"a":1e9999}}            | /arguments/a
          {"connector":"c","operation":"o","arguments":{"a":"\\u0000"}}         | /arguments/a
          {"connector":"c","operation":"o","arguments":{"a":"\\ud800"}}         | /arguments/a
          {"connector":"c","operation":"o","arguments":[]}                      | /arguments
          {"operation":"o","arguments":{}}                                      | /connector
          {"connector":7,"operation":"o","arguments":{}}                        | /connector
          {"connector":"c","operation":"o\\u202e","arguments":{}}               | /operation
          {"connector":"c","operation":"o","arguments":{},"purpose":"a\\u200bb"} | /purpose
          {"connector":"c","operation":"o","arguments":{},"via":["ok",3]}       | /via/1
          {"connector":"c","operation":"o","arguments":{},"role":"admin"}       | /role
          """)
  void aMalformedBodyIsRefusedAndTheMemberNamed(String body, String pointer) {
    String wanted = pointer == null ? "" : pointer;
    post(ISSUER.token(TestIssuer.ALICE), body)
        .expectStatus()
        .isBadRequest()
        .expectBody()
        .jsonPath("$.code")
        .isEqualTo("malformed")
        .jsonPath("$.errors[0].pointer")
        .isEqualTo(wanted);
    assertThat(mediator.asks).isEmpty();
    assertThat(sealCounts()).containsExactly(Map.entry("malformed", 1L));
  }

  @Test
  void aTextOfManyBracketsIsRefusedAndNotRecursedInto() {
    String deep = "[".repeat(30_000) + "]".repeat(30_000);
    post(
            ISSUER.token(TestIssuer.ALICE),
            "{\"connector\":\"c\",\"operation\":\"o\",\"arguments\":{\"a\":" + deep + "}}")
        .expectStatus()
        .isBadRequest();
  }

  @Test
  void anOversizeBodyIsRefused() {
    post(ISSUER.token(TestIssuer.ALICE), "{\"a\":\"" + "x".repeat(200_000) + "\"}")
        .expectStatus()
        .isEqualTo(413)
        .expectBody()
        .jsonPath("$.code")
        .isEqualTo("too_large");
  }

  @Test
  void anotherMediaTypeIsRefused() {
    client()
        .post()
        .uri("/v1/requests")
        .contentType(MediaType.TEXT_PLAIN)
        .header("Authorization", "Bearer " + ISSUER.token(TestIssuer.ALICE))
        .bodyValue(GOOD_BODY)
        .exchange()
        .expectStatus()
        .isEqualTo(415)
        .expectBody()
        .jsonPath("$.code")
        .isEqualTo("unsupported_media_type");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"///", "application/json;charset=utf-16", "application/json;charset=no", "a"})
  void aContentTypeThatCannotBeReadAsUtf8JsonIsRefused(String type) {
    assertUnsupported(headers -> headers.set("Content-Type", type));
  }

  @Test
  void aPackedBodyIsRefused() {
    assertUnsupported(headers -> {
      headers.set("Content-Type", "application/json");
      headers.set("Content-Encoding", "gzip");
    });
  }

  private void assertUnsupported(Consumer<HttpHeaders> bend) {
    client()
        .method(HttpMethod.POST)
        .uri("/v1/requests")
        .header("Authorization", "Bearer " + ISSUER.token(TestIssuer.ALICE))
        .headers(bend)
        .exchange()
        .expectStatus()
        .isEqualTo(415)
        .expectBody()
        .jsonPath("$.code")
        .isEqualTo("unsupported_media_type");
  }

  @Test
  void anUnknownRouteAndAWrongMethodAreProblemsToo() {
    String bearer = "Bearer " + ISSUER.token(TestIssuer.ALICE);
    client()
        .get()
        .uri("/v1/nothing")
        .header("Authorization", bearer)
        .exchange()
        .expectStatus()
        .isNotFound()
        .expectBody()
        .jsonPath("$.code")
        .isEqualTo("not_found");
    client()
        .get()
        .uri("/v1/requests")
        .header("Authorization", bearer)
        .exchange()
        .expectStatus()
        .isEqualTo(405)
        .expectHeader()
        .valueEquals("Allow", "POST")
        .expectBody()
        .jsonPath("$.code")
        .isEqualTo("method_not_allowed");
  }

  @Test
  void aFaultOfOursTellsNothingOfItself() {
    mediator.behaviour =
        (_, _) -> Mono.error(new IllegalStateException("jdbc:secret SELECT salary FROM hr"));
    byte[] body =
        post(ISSUER.token(TestIssuer.ALICE), GOOD_BODY)
            .expectStatus()
            .isEqualTo(500)
            .expectBody()
            .jsonPath("$.code")
            .isEqualTo("internal")
            .returnResult()
            .getResponseBodyContent();
    assertThat(new String(body, java.nio.charset.StandardCharsets.UTF_8))
        .doesNotContain("jdbc", "salary", "IllegalState", "at dev.obolus");
  }

  @Test
  void theCatalogueListsOperationsWithTheirArguments() {
    client()
        .get()
        .uri("/v1/connectors")
        .header("Authorization", "Bearer " + ISSUER.token(TestIssuer.ALICE))
        .exchange()
        .expectStatus()
        .isOk()
        .expectBody()
        .json(
            """
            {"connectors":[{"id":"databricks-sales","operations":[{"name":"sql",
              "action_class":"read","lane":"obo","arguments":{"type":"object",
              "properties":{"statement":{"type":"string","maxLength":65536}},
              "required":["statement"],"additionalProperties":false}}]}]}
            """);
  }

  @Test
  void whoMaySeeNothingIsGivenAnEmptyCatalogue() {
    client()
        .get()
        .uri("/v1/connectors")
        .header("Authorization", "Bearer " + ISSUER.token(TestIssuer.BOB))
        .exchange()
        .expectStatus()
        .isOk()
        .expectBody()
        .jsonPath("$.connectors")
        .isEqualTo(List.of());
  }

  @Test
  void withoutATokenNothingIsThere() {
    for (String path : List.of("/v1/connectors", "/v1/nothing", "/", "/actuator/env")) {
      client()
          .get()
          .uri(path)
          .exchange()
          .expectStatus()
          .isUnauthorized()
          .expectHeader()
          .valueEquals("WWW-Authenticate", "Bearer realm=\"obolus\"")
          .expectBody()
          .jsonPath("$.code")
          .isEqualTo("unauthenticated");
    }
    assertThat(sealCounts()).containsExactly(Map.entry("unauthenticated", 4L));
  }

  private static Outcome denied(Optional<String> claims) {
    return refused(ErrorCode.DENIED, claims);
  }

  private static Outcome refused(ErrorCode code, Optional<String> claims) {
    return new Outcome.Refused(
        code,
        Optional.of(FrontDoors.TestMediator.decided()),
        Optional.of(TestLog.receipt(1)),
        List.of(
            new Reason(
                "ORG-017", "org", Reason.About.CALLER, "Bob is stopped.", Map.of("who", "you"))),
        List.of(),
        claims,
        Optional.<Duration>empty());
  }
}
