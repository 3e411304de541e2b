// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import static dev.obolus.connector.obo.ScriptedEntra.issued;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.connector.ConnectorFailure.Misconfigured;
import dev.obolus.connector.obo.OboExchange.Exchanged.Issued;
import dev.obolus.connector.obo.OboExchange.Exchanged.Refused;
import dev.obolus.connector.obo.ScriptedEntra.Answer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

final class Rfc8693ExchangeTest extends OboExchangeContract {
  @TempDir Path folder;
  private Path secret = Path.of("-");
  private final ScriptedEntra provider = new ScriptedEntra();

  @BeforeEach
  void answer() throws IOException {
    secret = folder.resolve("gateway.secret");
    Files.writeString(secret, "s");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    provider.script =
        got ->
            Mono.just(
                got.form().getOrDefault("subject_token", "").startsWith("bad")
                    ? refusal("invalid_grant")
                    : issued("token-1"));
  }

  @AfterEach
  void stop() {
    provider.close();
  }

  @Override
  OboExchange exchange() {
    return new Rfc8693Exchange(
        new Rfc8693Exchange.Settings(
            URI.create(provider.authority() + "/token"), "gateway", Optional.of("warehouse")),
        new Wiring().endpoint(new Wiring().credentials(new SecretCredential(secret))));
  }

  @Test
  void theFormIsTheTokenExchangesForm() {
    assertThat(ask(exchange(), "good")).isInstanceOf(Issued.class);

    assertThat(provider.received.getFirst().path()).isEqualTo("/token");
    assertThat(provider.received.getFirst().form())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "grant_type", "urn:ietf:params:oauth:grant-type:token-exchange",
                "client_id", "gateway",
                "client_secret", "s",
                "subject_token", "good",
                "subject_token_type", "urn:ietf:params:oauth:token-type:access_token",
                "requested_token_type", "urn:ietf:params:oauth:token-type:access_token",
                "scope", SCOPE,
                "audience", "warehouse"));
  }

  @Test
  void aTargetThatIsNotKnownIsASettingOfOurs() {
    provider.script = _ -> Mono.just(refusal("invalid_target"));

    assertThat(((Refused) ask(exchange(), "good")).failure())
        .isEqualTo(new Misconfigured("invalid_target"));
  }

  private static Answer refusal(String error) {
    return new Answer(
        400,
        Map.of("client-request-id", "c-1"),
        "{\"error\":\"%s\",\"error_description\":\"secret words\"}".formatted(error));
  }
}
