// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import static dev.obolus.connector.obo.ScriptedEntra.issued;
import static dev.obolus.connector.obo.ScriptedEntra.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorFailure.ExchangeUnavailable;
import dev.obolus.connector.SubjectToken;
import dev.obolus.connector.obo.OboExchange.Exchanged;
import dev.obolus.connector.obo.OboExchange.Exchanged.Issued;
import dev.obolus.connector.obo.OboExchange.Exchanged.Refused;
import dev.obolus.connector.obo.ScriptedEntra.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

final class BreakersTest {
  private static final String HOME = "0b010500-0000-4000-8000-000000000001";
  private static final String PARTNER = "0b010500-0000-4000-8000-000000000002";

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-21T10:00:00Z"));
  private final Wiring wiring = new Wiring(now::get);
  private final ScriptedEntra entra = new ScriptedEntra();
  private final OboExchange exchange = wiring.entra(entra.authority(), "gateway", new NoProof());

  @AfterEach
  void stop() {
    entra.close();
  }

  @Test
  void aTenantInTroubleIsNotAskedForTenSecondsAndNoOtherTenantIsConcerned() {
    entra.script =
        got -> Mono.just(got.path().contains(HOME) ? new Answer(503, Map.of(), "") : issued("t"));
    for (int i = 0; i < 5; i++) {
      assertThat(failure(HOME)).isEqualTo(new ExchangeUnavailable("http503", Optional.empty()));
    }
    int asked = entra.received.size();

    assertThat(failure(HOME))
        .isEqualTo(new ExchangeUnavailable("paused", Optional.of(Duration.ofSeconds(10))));
    assertThat(entra.received).hasSize(asked);
    assertThat(ask(PARTNER)).isInstanceOf(Issued.class);

    entra.script = _ -> Mono.just(issued("t"));
    now.set(now.get().plusSeconds(11));
    assertThat(ask(HOME)).isInstanceOf(Issued.class);
  }

  @Test
  void aThrottledTenantIsLeftAloneAsLongAsItSays() {
    entra.script = _ -> Mono.just(new Answer(429, Map.of("Retry-After", "90"), "{}"));
    assertThat(failure(HOME))
        .isEqualTo(new ExchangeUnavailable("http429", Optional.of(Duration.ofSeconds(90))));
    entra.script = _ -> Mono.just(issued("t"));

    now.set(now.get().plusSeconds(60));
    assertThat(failure(HOME))
        .isEqualTo(new ExchangeUnavailable("paused", Optional.of(Duration.ofSeconds(30))));
    assertThat(entra.received).hasSize(1);
    now.set(now.get().plusSeconds(31));
    assertThat(ask(HOME)).isInstanceOf(Issued.class);
  }

  @Test
  void aDateUntilWhichToWaitIsUnderstood() {
    entra.script =
        _ ->
            Mono.just(
                new Answer(429, Map.of("Retry-After", "Sat, 21 Nov 2026 10:01:30 GMT"), "{}"));
    assertThat(failure(HOME))
        .isEqualTo(new ExchangeUnavailable("http429", Optional.of(Duration.ofSeconds(90))));

    for (String other :
        List.of("Sat, 21 Nov 2026", "tomorrow", "-1", "Tue, 21 Nov 2079 10:00:00 GMT")) {
      now.set(now.get().plusSeconds(400));
      entra.script = _ -> Mono.just(new Answer(429, Map.of("Retry-After", other), "{}"));
      assertThat(failure(HOME)).isEqualTo(new ExchangeUnavailable("http429", Optional.empty()));
    }
  }

  @Test
  void whatIsNotPassingOpensNothing() {
    entra.script = _ -> Mono.just(refused(400, "invalid_grant", 50105, ""));
    for (int i = 0; i < 20; i++) {
      assertThat(failure(HOME)).isEqualTo(new ConnectorFailure.ExchangeDenied("aadsts50105"));
    }
  }

  @Test
  void onePersonsLoopIsNoReasonToLeaveATenantAlone() {
    entra.script = _ -> Mono.just(refused(400, "invalid_grant", 50196, ""));
    assertThat(failure(HOME)).isEqualTo(new ConnectorFailure.Misconfigured("aadsts50196"));

    entra.script = _ -> Mono.just(issued("t"));
    assertThat(ask(HOME)).isInstanceOf(Issued.class);
    assertThat(wiring.alerts(Alerts.Kind.LOOPING)).isEqualTo(1);
  }

  private ConnectorFailure failure(String tenant) {
    return ((Refused) ask(tenant)).failure();
  }

  private Exchanged ask(String tenant) {
    var request =
        new OboExchange.Request(
            new SubjectToken("good", Instant.MAX), tenant, "s/.default", Optional.empty(), "r");
    return Objects.requireNonNull(exchange.exchange(request).block(Duration.ofSeconds(10)));
  }

  private static final class NoProof implements ClientCredential {
    @Override
    public Mono<Map<String, String>> proof(String tokenEndpoint) {
      return Mono.just(Map.of());
    }

    @Override
    public Mono<Boolean> renew(String tokenEndpoint) {
      return Mono.just(false);
    }
  }
}
