// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import static dev.obolus.connector.obo.ScriptedEntra.issued;
import static dev.obolus.connector.obo.ScriptedEntra.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorFailure.ChallengeRequired;
import dev.obolus.connector.ConnectorFailure.ExchangeUnavailable;
import dev.obolus.connector.ConnectorFailure.TokenRejected;
import dev.obolus.connector.RefusedExchange;
import dev.obolus.connector.obo.OboExchange.Exchanged.Issued;
import dev.obolus.connector.obo.OboExchange.Exchanged.Refused;
import dev.obolus.connector.obo.ScriptedEntra.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

final class EntraOboExchangeTest extends OboExchangeContract {
  @TempDir Path folder;
  private Path secret = Path.of("-");
  private final Wiring wiring = new Wiring();
  private final ScriptedEntra entra = new ScriptedEntra();

  @BeforeEach
  void writeSecret() throws IOException {
    secret = folder.resolve("gateway.secret");
    write("old secret");
    entra.script =
        got ->
            Mono.just(
                got.form().getOrDefault("assertion", "").startsWith("bad")
                    ? refused(400, "invalid_grant", 50013, "")
                    : issued("token-1"));
  }

  @AfterEach
  void stop() {
    entra.close();
  }

  @Override
  OboExchange exchange() {
    return exchange(new SecretCredential(secret));
  }

  private OboExchange exchange(ClientCredential credential) {
    return wiring.entra(entra.authority(), "gateway", credential);
  }

  private void write(String text) throws IOException {
    Files.writeString(secret, text + "\n");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void theFormIsEntrasOnBehalfOfForm() {
    assertThat(ask(exchange(), "good")).isInstanceOf(Issued.class);

    ScriptedEntra.Received got = entra.received.getFirst();
    assertThat(got.path()).isEqualTo("/" + TENANT + "/oauth2/v2.0/token");
    assertThat(got.form())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "requested_token_use", "on_behalf_of",
                "client_id", "gateway",
                "client_secret", "old secret",
                "assertion", "good",
                "scope", SCOPE));
    assertThat(got.headers()).containsEntry("client-request-id", "request-1");
  }

  @Test
  void claimsAreSentAlong() {
    var request =
        new OboExchange.Request(
            request("good").assertion(), TENANT, SCOPE, Optional.of("{\"access_token\":{}}"), "r");

    assertThat(exchange().exchange(request).block()).isInstanceOf(Issued.class);
    assertThat(entra.received.getFirst().form()).containsEntry("claims", "{\"access_token\":{}}");
  }

  @Test
  void aTenantThatIsNoGuidIsNeverPartOfAnAddress() {
    var request =
        new OboExchange.Request(
            request("good").assertion(), "../common", SCOPE, Optional.empty(), "r");

    assertThat(exchange().exchange(request).block()).isInstanceOf(Refused.class);
    assertThat(entra.received).isEmpty();
  }

  @Test
  void aChallengeCarriesEntrasClaims() {
    entra.script =
        _ ->
            Mono.just(
                refused(
                    400,
                    "interaction_required",
                    50079,
                    ",\"claims\":\"{\\\"access_token\\\":{\\\"polids\\\":{\\\"essential\\\":true}}}\""));

    assertThat(failure())
        .isEqualTo(new ChallengeRequired("{\"access_token\":{\"polids\":{\"essential\":true}}}"));
  }

  @Test
  void nothingThatEntraWroteIsTold() {
    entra.script = _ -> Mono.just(refused(400, "invalid_grant", 50105, ""));

    assertThat(ask(exchange(), "good").toString())
        .doesNotContain("secret words")
        .doesNotContain("bob@example.com")
        .contains("aadsts50105")
        .contains("c-1");
  }

  @Test
  void idsAreToldAndConsentSaysWhere() {
    entra.script = _ -> Mono.just(refused(400, "invalid_grant", 65001, ""));

    RefusedExchange told = ((Refused) ask(exchange(), "good")).told().orElseThrow();

    assertThat(told)
        .isEqualTo(
            new RefusedExchange(
                "aadsts65001",
                Optional.of("c-1"),
                Optional.of("t-1"),
                Optional.of(
                    new RefusedExchange.Consent(
                        entra.authority() + "/" + TENANT + "/adminconsent?client_id=gateway",
                        SCOPE))));
  }

  @Test
  void anIdThatIsNoneIsNotTold() {
    entra.script =
        _ ->
            Mono.just(
                new Answer(
                    400,
                    Map.of("x-ms-request-id", "<b>"),
                    """
                    {"error":"<i>","correlation_id":"a b","trace_id":7}\
                    """));

    assertThat(((Refused) ask(exchange(), "good")).told())
        .contains(
            new RefusedExchange("http400", Optional.empty(), Optional.empty(), Optional.empty()));
  }

  @Test
  void whereContinuousAccessIsDeclaredEachExchangeSaysSo() {
    OboExchange declaring =
        new EntraOboExchange(
            new EntraOboExchange.Settings(entra.authority(), "gateway", true),
            wiring.endpoint(wiring.credentials(new SecretCredential(secret))));
    assertThat(ask(declaring, "good")).isInstanceOf(Issued.class);
    var challenged =
        new OboExchange.Request(
            request("good").assertion(),
            TENANT,
            SCOPE,
            Optional.of("{\"access_token\":{\"acrs\":{\"value\":\"c1\"}}}"),
            "r");
    assertThat(declaring.exchange(challenged).block()).isInstanceOf(Issued.class);

    assertThat(entra.received.stream().map(got -> got.form().get("claims")))
        .containsExactly(
            "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}",
            "{\"access_token\":{\"acrs\":{\"value\":\"c1\"},\"xms_cc\":{\"values\":[\"cp1\"]}}}");
  }

  @Test
  void anAssertionThatOnlyEntraRefusesIsAnAlert() {
    entra.script = _ -> Mono.just(refused(400, "invalid_grant", 50013, ""));
    assertThat(failure()).isEqualTo(new TokenRejected("aadsts50013"));
    entra.script = _ -> Mono.just(refused(400, "invalid_grant", 500133, ""));
    assertThat(failure()).isEqualTo(new TokenRejected("aadsts500133"));

    assertThat(wiring.alerts(Alerts.Kind.ASSERTION_REFUSED)).isEqualTo(1);
  }

  @Test
  void throttlingIsWaitedForOnceAsLongAsEntraSays() {
    entra.script =
        _ ->
            Mono.just(
                entra.received.size() == 1
                    ? new Answer(429, Map.of("Retry-After", "1"), "{}")
                    : issued("token-2"));

    assertThat(ask(exchange(), "good")).isInstanceOf(Issued.class);
    assertThat(entra.received).hasSize(2);
  }

  @Test
  void aLongWaitIsHandedToTheCaller() {
    entra.script = _ -> Mono.just(new Answer(429, Map.of("Retry-After", "90"), "{}"));

    assertThat(failure())
        .isEqualTo(new ExchangeUnavailable("http429", Optional.of(Duration.ofSeconds(90))));
    assertThat(entra.received).hasSize(1);
  }

  @Test
  void whatIsPassingIsRepeatedOnceAndNotTwice() {
    entra.script = _ -> Mono.just(new Answer(503, Map.of(), "<html>busy</html>"));

    assertThat(failure()).isInstanceOf(ExchangeUnavailable.class);
    assertThat(entra.received).hasSize(2);
  }

  @Test
  void whatIsFinalIsNotRepeated() {
    entra.script = _ -> Mono.just(refused(400, "invalid_grant", 50013, ""));

    assertThat(failure()).isEqualTo(new TokenRejected("aadsts50013"));
    assertThat(entra.received).hasSize(1);
  }

  @Test
  void anEntraThatHangsIsNotWaitedForBeyondTheTimeout() {
    entra.script = _ -> Mono.never();

    assertThat(failure()).isEqualTo(new ExchangeUnavailable("unreachable", Optional.empty()));
  }

  @Test
  void anAnswerWithoutATokenIsNoToken() {
    for (String body :
        new String[] {"", "[]", "null", "{\"token_type\":\"Bearer\"}", "{\"access_token\":7}"}) {
      entra.script = _ -> Mono.just(new Answer(200, Map.of(), body));
      assertThat(ask(exchange(), "good")).isInstanceOf(Refused.class);
    }
  }

  @Test
  void aRedirectIsNotFollowed() {
    entra.script = _ -> Mono.just(new Answer(307, Map.of("Location", "/elsewhere"), ""));

    assertThat(ask(exchange(), "good")).isInstanceOf(Refused.class);
    assertThat(entra.received).hasSize(1);
  }

  @Test
  void aSecretThatWasRotatedIsReadAgain() throws IOException {
    OboExchange exchange = exchange();
    write("new secret");
    entra.script =
        got ->
            Mono.just(
                got.form().containsValue("new secret")
                    ? issued("token-2")
                    : refused(401, "invalid_client", 7000215, ""));

    assertThat(ask(exchange, "good")).isInstanceOf(Issued.class);
    assertThat(entra.received).hasSize(2);
  }

  @Test
  void aTokenOfMoreThan32KilobytesIsNotTaken() {
    entra.script = _ -> Mono.just(issued("x".repeat(32 * 1024)));
    assertThat(ask(exchange(), "good")).isInstanceOf(Issued.class);
    entra.script = _ -> Mono.just(issued("x".repeat(32 * 1024 + 1)));
    assertThat(failure()).isEqualTo(new ExchangeUnavailable("unreadable", Optional.empty()));
  }

  @Test
  void aSecretThatIsWrongIsNotTriedTwice() {
    entra.script = _ -> Mono.just(refused(401, "invalid_client", 7000215, ""));

    assertThat(failure()).isInstanceOf(ExchangeUnavailable.class);
    assertThat(entra.received).hasSize(1);
  }

  @Test
  void aSecretThatOthersMayReadIsRefused() throws IOException {
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r-----"));

    assertThatThrownBy(() -> new SecretCredential(secret))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("chmod 600");
  }

  @Test
  void noTokenSecretOrWordOfEntraIsLogged() {
    var lines = new ListAppender<ILoggingEvent>();
    lines.start();
    var root = (Logger) LoggerFactory.getLogger("dev.obolus");
    root.addAppender(lines);
    try {
      entra.script = _ -> Mono.just(issued("canary-token"));
      assertThat(ask(exchange(), "canary-assertion")).isInstanceOf(Issued.class);
      entra.script = _ -> Mono.just(refused(400, "invalid_client", 7000215, ""));
      assertThat(ask(exchange(), "canary-assertion")).isInstanceOf(Refused.class);
    } finally {
      root.detachAppender(lines);
    }
    assertThat(lines.list).isNotEmpty();
    assertThat(lines.list)
        .allSatisfy(line ->
            assertThat(line.getFormattedMessage() + line.getKeyValuePairs())
                .doesNotContain("canary")
                .doesNotContain("old secret")
                .doesNotContain("secret words"));
  }

  private ConnectorFailure failure() {
    return ((Refused) ask(exchange(), "good")).failure();
  }
}
