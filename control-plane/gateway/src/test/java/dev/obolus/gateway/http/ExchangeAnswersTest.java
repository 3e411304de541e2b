// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.connector.RefusedExchange;
import dev.obolus.connector.RefusedExchange.Consent;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.mediation.Outcome;
import dev.obolus.gateway.testing.FrontDoors;
import dev.obolus.gateway.testing.TestIssuer;
import dev.obolus.gateway.testing.TestLog;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.test.web.reactive.server.WebTestClient;
import reactor.core.publisher.Mono;

/** What a caller is told of an exchange that was refused, a row for each class of answer. */
class ExchangeAnswersTest extends SliceTest {
  private static final String CLAIMS = "{\"access_token\":{\"acrs\":{\"value\":\"c1\"}}}";
  private static final String ENCODED = "eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJ2YWx1ZSI6ImMxIn19fQ==";

  @ParameterizedTest
  @CsvSource({
    "INVALID_TOKEN,          401, true",
    "STEP_UP_REQUIRED,       403, true",
    "CONSENT_REQUIRED,       403, true",
    "IDENTITY_DENIED,        403, true",
    "IDENTITY_MISCONFIGURED, 502, false",
    "IDENTITY_UNAVAILABLE,   503, false",
  })
  void idsAreToldAndTheNumberOnlyOfWhatTheCallerCanMend(
      ErrorCode code, int status, boolean numberTold) {
    var body =
        refused(code, Optional.empty(), Optional.empty())
            .expectStatus()
            .isEqualTo(status)
            .expectBody()
            .jsonPath("$.code")
            .isEqualTo(code.word())
            .jsonPath("$.exchange.correlation_id")
            .isEqualTo("c-1")
            .jsonPath("$.exchange.trace_id")
            .isEqualTo("t-1");
    var _ =
        numberTold
            ? body.jsonPath("$.exchange.code").isEqualTo("aadsts1")
            : body.jsonPath("$.exchange.code").doesNotExist();
  }

  @Test
  void aTokenThatEntraNoLongerTakesIsAnInvalidToken() {
    refused(ErrorCode.INVALID_TOKEN, Optional.empty(), Optional.empty())
        .expectHeader()
        .value("WWW-Authenticate", it -> assertThat(it).contains("error=\"invalid_token\""));
  }

  @Test
  void consentComesWithAPlaceToGiveIt() {
    refused(
            ErrorCode.CONSENT_REQUIRED,
            Optional.empty(),
            Optional.of(new Consent("https://login/t/adminconsent?client_id=g", "s/.default")))
        .expectHeader()
        .valueEquals(
            "WWW-Authenticate",
            "Bearer consentUri=\"https://login/t/adminconsent?client_id=g\","
                + " scopes=\"s/.default\", proposedAction=\"consent\"")
        .expectBody()
        .jsonPath("$.consent.uri")
        .isEqualTo("https://login/t/adminconsent?client_id=g")
        .jsonPath("$.consent.scope")
        .isEqualTo("s/.default");
  }

  @Test
  void aStepUpIsAChallengeForWhoUnderstandsIt() {
    Map<String, Object> capable = TestIssuer.claims(TestIssuer.ALICE);
    capable.put("xms_cc", List.of("cp1"));
    refuse(ErrorCode.STEP_UP_REQUIRED, Optional.of(CLAIMS), Optional.empty());

    post(ISSUER.sign(capable), GOOD_BODY)
        .expectStatus()
        .isUnauthorized()
        .expectHeader()
        .value(
            "WWW-Authenticate",
            it ->
                assertThat(it)
                    .contains(
                        "authorization_uri=\"",
                        TestIssuer.TENANT + "/oauth2/v2.0/authorize\"",
                        "error=\"insufficient_claims\"",
                        "claims=\"" + ENCODED + "\""))
        .expectBody()
        .jsonPath("$.instructions")
        .doesNotExist();
  }

  @Test
  void aStepUpIsInstructionsForWhoDoesNot() {
    refused(ErrorCode.STEP_UP_REQUIRED, Optional.of(CLAIMS), Optional.empty())
        .expectStatus()
        .isForbidden()
        .expectHeader()
        .doesNotExist("WWW-Authenticate")
        .expectBody()
        .jsonPath("$.claims")
        .isEqualTo(ENCODED)
        .jsonPath("$.instructions")
        .exists();
  }

  @Test
  void aStepUpWithoutClaimsStillSaysWhereToSignInWhateverTheClientUnderstands() {
    Map<String, Object> capable = TestIssuer.claims(TestIssuer.ALICE);
    capable.put("xms_cc", List.of("cp1"));
    refuse(ErrorCode.STEP_UP_REQUIRED, Optional.empty(), Optional.empty());

    for (String token : List.of(ISSUER.token(TestIssuer.ALICE), ISSUER.sign(capable))) {
      post(token, GOOD_BODY)
          .expectStatus()
          .isForbidden()
          .expectBody()
          .jsonPath("$.authorization_uri")
          .value(
              String.class,
              it -> assertThat(it).endsWith(TestIssuer.TENANT + "/oauth2/v2.0/authorize"))
          .jsonPath("$.instructions")
          .exists()
          .jsonPath("$.claims")
          .doesNotExist();
    }
  }

  private WebTestClient.ResponseSpec refused(
      ErrorCode code, Optional<String> claims, Optional<Consent> consent) {
    refuse(code, claims, consent);
    return post(ISSUER.token(TestIssuer.ALICE), GOOD_BODY);
  }

  private void refuse(ErrorCode code, Optional<String> claims, Optional<Consent> consent) {
    mediator.behaviour =
        (_, _) ->
            Mono.just(
                new Outcome.Refused(
                    code,
                    Optional.of(FrontDoors.TestMediator.decided()),
                    Optional.of(TestLog.receipt(1)),
                    List.of(),
                    List.of(),
                    claims,
                    Optional.<Duration>empty(),
                    Optional.of(
                        new RefusedExchange(
                            "aadsts1", Optional.of("c-1"), Optional.of("t-1"), consent))));
  }
}
