// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.obolus.connector.DelegatedToken;
import dev.obolus.connector.SubjectToken;
import dev.obolus.connector.obo.OboExchange.Exchanged.Issued;
import dev.obolus.sandbox.Sandbox;
import dev.obolus.sandbox.SandboxDatabase;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.reactive.function.client.WebClient;

/** Proofs other than a secret, before a stand-in that shares no code with us and checks them. */
final class SandboxCredentialsTest {
  @TempDir static Path data;
  private static Sandbox sandbox;

  @BeforeAll
  static void start() throws Exception {
    sandbox = SandboxDatabase.start(TestPostgres.own(), data);
  }

  @AfterAll
  static void stop() throws Exception {
    sandbox.close();
  }

  @Test
  void theMachinesIdentityProvesTheGateway() throws Exception {
    var identity =
        new ManagedIdentity(
            WebClient.create(),
            Optional.empty(),
            Map.of("AZURE_POD_IDENTITY_AUTHORITY_HOST", sandbox.url()),
            Duration.ofSeconds(10),
            InstantSource.system());
    OboExchange exchange =
        new Wiring()
            .entra(URI.create(sandbox.url()), Directory.GATEWAY, new FederatedCredential(identity));

    JWTClaimsSet got = exchanged(exchange, sandbox.userToken("alice", "finance-copilot"));

    assertThat(got.getStringClaim("azp")).isEqualTo(Directory.GATEWAY);
    assertThat(got.getStringClaim("azpacr")).isEqualTo("2");
  }

  @Test
  void anAgentIdentityActsForThePersonInTwoSteps() throws Exception {
    var wiring = new Wiring();
    var secret = new SecretCredential(data.resolve("travel-blueprint.secret"));
    var agent =
        new AgentIdentityCredential(
            wiring.endpoint(wiring.credentials(secret)),
            Directory.TRAVEL_BLUEPRINT,
            Directory.TRAVEL_AGENT,
            InstantSource.system());
    OboExchange exchange = wiring.entra(URI.create(sandbox.url()), Directory.TRAVEL_AGENT, agent);
    String assertion =
        sandbox
            .entra()
            .signedInToken(
                Directory.user("alice").orElseThrow(),
                Directory.app("cli").orElseThrow(),
                Directory.app("travel-blueprint").orElseThrow(),
                "");

    JWTClaimsSet got = exchanged(exchange, assertion);

    assertThat(got.getStringClaim("oid"))
        .isEqualTo(Directory.user("alice").orElseThrow().objectId());
    assertThat(got.getStringClaim("azp")).isEqualTo(Directory.TRAVEL_AGENT);
    assertThat(got.getStringClaim("xms_act_fct")).isEqualTo("11");
  }

  private static JWTClaimsSet exchanged(OboExchange exchange, String assertion) throws Exception {
    var request =
        new OboExchange.Request(
            new SubjectToken(assertion, Instant.now().plusSeconds(600)),
            OboExchangeContract.TENANT,
            OboExchangeContract.SCOPE,
            Optional.empty(),
            "request-1");
    OboExchange.Exchanged answer =
        Objects.requireNonNull(exchange.exchange(request).block(Duration.ofSeconds(30)));
    assertThat(answer).isInstanceOf(Issued.class);
    DelegatedToken token = ((Issued) answer).token();
    return SignedJWT.parse(token.authorizationHeader().substring("Bearer ".length()))
        .getJWTClaimsSet();
  }
}
