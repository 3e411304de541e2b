// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.connector.SubjectToken;
import dev.obolus.connector.obo.OboExchange.Exchanged;
import dev.obolus.connector.obo.OboExchange.Exchanged.Issued;
import dev.obolus.connector.obo.OboExchange.Exchanged.Refused;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** What every way of exchanging promises. */
abstract class OboExchangeContract {
  static final String TENANT = "0b010500-0000-4000-8000-000000000001";
  static final String SCOPE = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default";

  /** One that exchanges any assertion but those that begin with {@code bad}. */
  abstract OboExchange exchange();

  @Test
  final void aGoodAssertionIsExchangedForATokenWithALifetime() {
    Exchanged exchanged = ask(exchange(), "good");

    assertThat(exchanged).isInstanceOf(Issued.class);
    assertThat(((Issued) exchanged).expiresIn()).isPositive();
    assertThat(exchanged.correlationId()).isPresent();
  }

  @Test
  final void aBadAssertionIsAValueAndNotAnError() {
    Exchanged exchanged = ask(exchange(), "bad");

    assertThat(exchanged).isInstanceOf(Refused.class);
  }

  @Test
  final void nothingHappensBeforeAnybodySubscribesAndEachSubscriptionAsksAnew() {
    Mono<Exchanged> mono = exchange().exchange(request("good"));

    assertThat(mono.block(Duration.ofSeconds(10))).isInstanceOf(Issued.class);
    assertThat(mono.block(Duration.ofSeconds(10))).isInstanceOf(Issued.class);
  }

  @Test
  final void noTokenIsShown() {
    Exchanged exchanged = ask(exchange(), "good");

    assertThat(exchanged.toString()).contains("DelegatedToken[…]");
    assertThat(request("good assertion").toString()).doesNotContain("good assertion");
  }

  static Exchanged ask(OboExchange exchange, String assertion) {
    return Objects.requireNonNull(
        exchange.exchange(request(assertion)).block(Duration.ofSeconds(10)));
  }

  static OboExchange.Request request(String assertion) {
    return new OboExchange.Request(
        new SubjectToken(assertion, Instant.now().plusSeconds(600)),
        TENANT,
        SCOPE,
        Optional.empty(),
        "request-1");
  }
}
