// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.SubjectToken;
import dev.obolus.connector.obo.OboExchange.Exchanged;
import dev.obolus.connector.obo.OboExchange.Exchanged.Issued;
import dev.obolus.connector.obo.OboExchange.Exchanged.Refused;
import dev.obolus.sandbox.Sandbox;
import dev.obolus.sandbox.SandboxDatabase;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a stand-in that shares no code with us and truly checks the assertion. */
final class SandboxExchangeTest extends OboExchangeContract {
  private static final String GATEWAY = "0b010500-0000-4000-8000-0000000000a1";

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

  @Override
  OboExchange exchange() {
    OboExchange real = real();
    return request ->
        request.assertion().reveal().startsWith("good")
            ? real.exchange(presenting(sandbox.userToken("alice", "finance-copilot")))
            : real.exchange(request);
  }

  private static OboExchange real() {
    return new Wiring()
        .entra(
            URI.create(sandbox.url()),
            GATEWAY,
            new SecretCredential(data.resolve("gateway-client.secret")));
  }

  @Test
  void anApplicationsOwnTokenIsNeverExchanged() {
    Exchanged exchanged = ask(sandbox.appToken("nightly-job"));

    assertThat(((Refused) exchanged).failure()).isInstanceOf(ConnectorFailure.class);
  }

  @Test
  void aTokenWithOneCharacterChangedIsNotExchanged() {
    String token = sandbox.userToken("alice", "finance-copilot");
    int at = token.lastIndexOf('.') + 10;
    char other = token.charAt(at) == 'A' ? 'B' : 'A';

    assertThat(ask(token)).isInstanceOf(Issued.class);
    assertThat(ask(token.substring(0, at) + other + token.substring(at + 1)))
        .isInstanceOfSatisfying(
            Refused.class,
            refused ->
                assertThat(refused.failure()).isInstanceOf(ConnectorFailure.TokenRejected.class));
  }

  private static Exchanged ask(String token) {
    return Objects.requireNonNull(real().exchange(presenting(token)).block(Duration.ofSeconds(10)));
  }

  private static OboExchange.Request presenting(String token) {
    return new OboExchange.Request(
        new SubjectToken(token, Instant.now().plusSeconds(600)),
        TENANT,
        SCOPE,
        Optional.empty(),
        "request-1");
  }
}
