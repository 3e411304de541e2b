// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorFailure.ChallengeRequired;
import dev.obolus.connector.ConnectorFailure.ConsentRequired;
import dev.obolus.connector.ConnectorFailure.ExchangeDenied;
import dev.obolus.connector.ConnectorFailure.ExchangeUnavailable;
import dev.obolus.connector.ConnectorFailure.TokenRejected;
import dev.obolus.connector.SubjectToken;
import dev.obolus.connector.obo.OboExchange.Exchanged;
import dev.obolus.connector.obo.OboExchange.Exchanged.Issued;
import dev.obolus.connector.obo.OboExchange.Exchanged.Refused;
import dev.obolus.sandbox.Sandbox;
import dev.obolus.sandbox.SandboxDatabase;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.net.URI;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.client.WebClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a tenant's rules come to, against a stand-in that shares no code with us. */
final class StandInEntraTest {
  private static final String TENANT = "0b010500-0000-4000-8000-000000000001";
  private static final String GATEWAY = "0b010500-0000-4000-8000-0000000000a1";
  private static final String BLUEPRINT = "0b010500-0000-4000-8000-0000000000b3";
  private static final String AGENT = "0b010500-0000-4000-8000-0000000000b4";
  private static final String ALICE = "0b010500-0000-4000-8000-0000000000c1";
  private static final String DATABRICKS = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default";
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir static Path data;
  private static Sandbox sandbox;
  private final Wiring wiring = new Wiring();

  @BeforeAll
  static void start() throws Exception {
    sandbox = SandboxDatabase.start(TestPostgres.own(), data);
  }

  @AfterAll
  static void stop() throws Exception {
    sandbox.close();
  }

  @AfterEach
  void reset() {
    var _ = command("entra/reset", Map.of());
  }

  @Test
  void theTokenIsThePersonsInTheirTenantWhateverProvesTheGateway() throws ParseException {
    for (ClientCredential credential : new ClientCredential[] {secret(), certificate()}) {
      Exchanged exchanged = ask(credential, aliceToken());

      assertThat(exchanged).isInstanceOf(Issued.class);
      var claims = claims((Issued) exchanged);
      assertThat(claims.getClaim("oid")).isEqualTo(ALICE);
      assertThat(claims.getClaim("tid")).isEqualTo(TENANT);
    }
  }

  @Test
  void aStepUpIsMetByASignInWithItsClaims() {
    var _ = command("entra/rule", Map.of("then", "mfa", "call", "obo", "resource", "databricks"));

    var refused = (Refused) ask(secret(), aliceToken());
    assertThat(refused.failure()).isInstanceOf(ChallengeRequired.class);
    String claims = ((ChallengeRequired) refused.failure()).claims();
    assertThat(claims).contains("access_token");
    assertThat(refused.told().orElseThrow().code()).isEqualTo("aadsts50076");
    assertThat(refused.correlationId()).isPresent();

    String stronger =
        command("token", Map.of("who", "alice", "agent", "finance-copilot", "claims", claims))
            .path("access_token")
            .asString();
    assertThat(ask(secret(), stronger)).isInstanceOf(Issued.class);
  }

  @Test
  void aBlockIsFinal() {
    var _ = command("entra/rule", Map.of("then", "block", "call", "obo"));
    assertThat(failure()).isEqualTo(new ExchangeDenied("aadsts53003"));
  }

  @Test
  void missingConsentSaysWhereItIsGiven() {
    var _ =
        command(
            "entra/consent",
            Map.of("client", "gateway", "resource", "databricks", "given", "false"));

    var refused = (Refused) ask(secret(), aliceToken());

    assertThat(refused.failure()).isEqualTo(new ConsentRequired("aadsts65001"));
    assertThat(refused.told().orElseThrow().consent().orElseThrow().uri())
        .isEqualTo(sandbox.url() + "/" + TENANT + "/adminconsent?client_id=" + GATEWAY);
  }

  @Test
  void aRevokedPersonsTokenIsNoLongerExchanged() {
    String before = aliceToken();
    var _ = command("entra/revoke", Map.of("user", "alice"));

    var refused = (Refused) ask(secret(), before);

    assertThat(refused.failure()).isInstanceOf(TokenRejected.class);
    assertThat(refused.revoked()).isTrue();
  }

  @Test
  void aShortThrottleIsWaitedForAndALongOneTold() {
    var _ =
        command(
            "entra/rule", Map.of("then", "throttle", "call", "obo", "seconds", "1", "times", "1"));
    assertThat(ask(secret(), aliceToken())).isInstanceOf(Issued.class);
    var _ = command("entra/rule", Map.of("then", "throttle", "call", "obo", "seconds", "90"));
    assertThat(failure()).isInstanceOf(ExchangeUnavailable.class);
  }

  @Test
  void troubleIsPassing() {
    for (String trouble : new String[] {"unavailable", "html", "hang", "drip"}) {
      var _ = command("entra/reset", Map.of());
      var _ = command("entra/rule", Map.of("then", trouble, "call", "obo", "seconds", "4"));
      var refused =
          (Refused) Objects.requireNonNull(fresh().exchange(request(aliceToken())).block());
      assertThat(refused.failure()).as(trouble).isInstanceOf(ExchangeUnavailable.class);
    }
  }

  @Test
  void anAgentIdentityActsForThePersonInTwoSteps() throws ParseException {
    var blueprint =
        wiring.endpoint(
            wiring.credentials(new SecretCredential(data.resolve("travel-blueprint.secret"))));
    var proof = new AgentIdentityCredential(blueprint, BLUEPRINT, AGENT, InstantSource.system());
    OboExchange exchange =
        new EntraOboExchange(
            new EntraOboExchange.Settings(URI.create(sandbox.url()), AGENT, false),
            new Wiring().endpoint(wiring.credentials(proof)));
    String forBlueprint =
        command("token", Map.of("who", "alice", "agent", "cli", "resource", "travel-blueprint"))
            .path("access_token")
            .asString();

    Exchanged exchanged = Objects.requireNonNull(exchange.exchange(request(forBlueprint)).block());

    assertThat(exchanged).isInstanceOf(Issued.class);
    var claims = claims((Issued) exchanged);
    assertThat(claims.getClaim("oid")).isEqualTo(ALICE);
    assertThat(claims.getClaim("azp")).isEqualTo(AGENT);
  }

  private ConnectorFailure failure() {
    return ((Refused) ask(secret(), aliceToken())).failure();
  }

  private static OboExchange fresh() {
    return new Wiring().entra(URI.create(sandbox.url()), GATEWAY, secret());
  }

  private Exchanged ask(ClientCredential credential, String token) {
    return Objects.requireNonNull(
        wiring
            .entra(URI.create(sandbox.url()), GATEWAY, credential)
            .exchange(request(token))
            .block(Duration.ofSeconds(20)));
  }

  private static OboExchange.Request request(String token) {
    return new OboExchange.Request(
        new SubjectToken(token, Instant.now().plusSeconds(600)),
        TENANT,
        DATABRICKS,
        Optional.empty(),
        "request-1");
  }

  private static String aliceToken() {
    return sandbox.userToken("alice", "finance-copilot");
  }

  private static ClientCredential secret() {
    return new SecretCredential(data.resolve("gateway-client.secret"));
  }

  private static ClientCredential certificate() {
    return new CertificateCredential(
        GATEWAY, data.resolve("gateway-client.pem"), false, InstantSource.system());
  }

  private static com.nimbusds.jwt.JWTClaimsSet claims(Issued issued) throws ParseException {
    return SignedJWT.parse(issued.token().authorizationHeader().substring("Bearer ".length()))
        .getJWTClaimsSet();
  }

  private static JsonNode command(String path, Map<String, String> body) {
    String answer =
        WebClient.create(sandbox.url())
            .post()
            .uri("/sandbox/" + path)
            .contentType(MediaType.APPLICATION_JSON)
            .bodyValue(JSON.writeValueAsString(body))
            .retrieve()
            .bodyToMono(String.class)
            .defaultIfEmpty("{}")
            .block(Duration.ofSeconds(10));
    return JSON.readTree(Objects.requireNonNull(answer));
  }
}
