// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import static dev.obolus.connector.obo.ScriptedEntra.issued;
import static dev.obolus.connector.obo.ScriptedEntra.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.connector.ConnectorFailure.ExchangeUnavailable;
import dev.obolus.connector.SubjectToken;
import dev.obolus.connector.obo.OboExchange.Exchanged;
import dev.obolus.connector.obo.OboExchange.Exchanged.Issued;
import dev.obolus.connector.obo.OboExchange.Exchanged.Refused;
import dev.obolus.connector.obo.ScriptedEntra.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** Entra Agent ID's two steps, with the same promise as any exchange. */
final class AgentIdentityTest extends OboExchangeContract {
  @TempDir Path folder;
  private Path secret = Path.of("-");
  private final Wiring wiring = new Wiring();
  private final ScriptedEntra entra = new ScriptedEntra();

  @BeforeEach
  void answer() throws IOException {
    secret = folder.resolve("blueprint.secret");
    Files.writeString(secret, "blueprint secret");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    entra.script = got -> Mono.just(answer(got.form()));
  }

  @AfterEach
  void stop() {
    entra.close();
  }

  private static Answer answer(Map<String, String> form) {
    if (form.containsKey("fmi_path")) {
      return issued("t1");
    }
    return form.getOrDefault("assertion", "").startsWith("bad")
        ? refused(400, "invalid_grant", 50013, "")
        : issued("token-2");
  }

  @Override
  OboExchange exchange() {
    var blueprint = wiring.endpoint(wiring.credentials(new SecretCredential(secret)));
    var proof =
        new AgentIdentityCredential(
            blueprint, "blueprint", "agent-identity", InstantSource.system());
    return new EntraOboExchange(
        new EntraOboExchange.Settings(entra.authority(), "agent-identity", false),
        new Wiring().endpoint(wiring.credentials(proof)));
  }

  @Test
  void theBlueprintsTokenProvesTheAgentWhichThenActsForThePerson() {
    assertThat(ask(exchange(), "good")).isInstanceOf(Issued.class);

    assertThat(entra.received).hasSize(2);
    assertThat(entra.received)
        .allSatisfy(got -> assertThat(got.path()).isEqualTo("/" + TENANT + "/oauth2/v2.0/token"));
    assertThat(entra.received.get(0).form())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "grant_type", "client_credentials",
                "client_id", "blueprint",
                "client_secret", "blueprint secret",
                "scope", "api://AzureADTokenExchange/.default",
                "fmi_path", "agent-identity"));
    assertThat(entra.received.get(1).form())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "requested_token_use", "on_behalf_of",
                "client_id", "agent-identity",
                "client_assertion_type", ClientCredential.ASSERTION_TYPE,
                "client_assertion", "t1",
                "assertion", "good",
                "scope", SCOPE));
  }

  @Test
  void theFirstStepIsNotRepeatedForEachPerson() {
    OboExchange exchange = exchange();
    assertThat(ask(exchange, "good one")).isInstanceOf(Issued.class);
    assertThat(ask(exchange, "good two")).isInstanceOf(Issued.class);

    assertThat(entra.received).hasSize(3);
  }

  @Test
  void aFirstTokenThatIsNoLongerTakenIsReplacedOnce() {
    OboExchange exchange = exchange();
    assertThat(ask(exchange, "good")).isInstanceOf(Issued.class);
    entra.script =
        got ->
            Mono.just(
                got.form().containsKey("fmi_path")
                    ? issued("t1-new")
                    : "t1-new".equals(got.form().get("client_assertion"))
                        ? issued("token-3")
                        : refused(401, "invalid_client", 700211, ""));

    assertThat(ask(exchange, "good")).isInstanceOf(Issued.class);
  }

  @Test
  void aFirstTokenThatOneTenantRefusesStaysTheOthers() {
    String partner = "0b010500-0000-4000-8000-000000000002";
    OboExchange exchange = exchange();
    assertThat(ask(exchange, "good")).isInstanceOf(Issued.class);
    assertThat(inTenant(exchange, partner)).isInstanceOf(Issued.class);
    entra.script =
        got ->
            Mono.just(
                got.path().contains(TENANT) && !got.form().containsKey("fmi_path")
                    ? refused(401, "invalid_client", 700211, "")
                    : issued("t2"));
    assertThat(ask(exchange, "good")).isInstanceOf(Refused.class);
    entra.received.clear();

    assertThat(inTenant(exchange, partner)).isInstanceOf(Issued.class);
    assertThat(entra.received).as("no first step").hasSize(1);
  }

  private static Exchanged inTenant(OboExchange exchange, String tenant) {
    var request =
        new OboExchange.Request(
            new SubjectToken("good", Instant.MAX), tenant, SCOPE, Optional.empty(), "r");
    return Objects.requireNonNull(exchange.exchange(request).block(Duration.ofSeconds(10)));
  }

  @Test
  void aBlueprintThatIsRefusedIsTheGatewaysFault() {
    entra.script = _ -> Mono.just(refused(401, "invalid_client", 7000215, ""));

    assertThat(((Refused) ask(exchange(), "good")).failure())
        .isEqualTo(new ExchangeUnavailable("aadsts7000215", Optional.empty()));
    assertThat(entra.received).as("and asked once").hasSize(1);
    assertThat(entra.received)
        .allSatisfy(got -> assertThat(got.form()).doesNotContainKey("assertion"));
  }
}
