// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import dev.obolus.connector.DelegatedToken;
import dev.obolus.connector.RefusedExchange;
import dev.obolus.connector.RefusedExchange.Consent;
import dev.obolus.connector.obo.OboExchange.Exchanged;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/**
 * An OAuth 2.0 token endpoint, asked by form POST (RFC 6749, section 4.5).
 *
 * <p>Guarantees: no redirect is followed; nothing that the provider wrote but its error number, its
 * claims and its ids leaves {@link TokenAnswer}. A passing failure is repeated once at most, as is
 * one of a credential that can be replaced.
 */
final class TokenEndpoint {
  private static final Logger LOG = LoggerFactory.getLogger(TokenEndpoint.class);

  private final WebClient http;
  private final Settings settings;
  private final Credentials credentials;
  private final Breakers breakers;
  private final RandomGenerator random;
  private final Alerts alerts;
  private final InstantSource clock;

  TokenEndpoint(
      WebClient http,
      Settings settings,
      Credentials credentials,
      Breakers breakers,
      RandomGenerator random,
      Alerts alerts,
      InstantSource clock) {
    this.http = http;
    this.settings = settings;
    this.credentials = credentials;
    this.breakers = breakers;
    this.random = random;
    this.alerts = alerts;
    this.clock = clock;
  }

  /**
   * @param timeout of one attempt
   * @param longestWait a longer {@code Retry-After} is handed to the caller instead of waited for
   */
  record Settings(Duration timeout, Duration longestWait) {}

  /**
   * @param form without what proves the client
   */
  record Ask(URI endpoint, Map<String, String> form, String clientRequestId) {
    @Override
    public String toString() {
      return "Ask[" + endpoint + ", " + form.keySet() + "]";
    }
  }

  /** Emits exactly one value and never an error. */
  Mono<Answer> ask(Ask ask) {
    Mono<Answer> asked =
        credentials.present(
            ask.endpoint.toString(),
            proof -> attempt(ask, proof).flatMap(answer -> patiently(ask, proof, answer)));
    return breakers
        .guard(ask.endpoint.toString(), asked)
        .onErrorResume(fault -> Mono.just(broken(fault)))
        .doOnNext(answer -> report(ask, answer));
  }

  private Mono<Answer> patiently(Ask ask, Map<String, String> proof, Answer first) {
    return switch (first) {
      case Answer.Success _ -> Mono.just(first);
      case Answer.Failure failure ->
          isPassing(failure) && wait(failure).compareTo(settings.longestWait) <= 0
              ? Mono.delay(wait(failure).plusMillis(random.nextLong(50, 300)))
                  .then(attempt(ask, proof))
              : Mono.just(first);
    };
  }

  private static boolean isPassing(Answer.Failure failure) {
    return failure.row.answer() == EntraAnswer.TRANSIENT;
  }

  private static Duration wait(Answer.Failure failure) {
    return failure.retryAfter.orElse(Duration.ZERO);
  }

  private Mono<Answer> attempt(Ask ask, Map<String, String> proof) {
    return Mono.defer(() -> post(ask, proof))
        .timeout(settings.timeout)
        .map(response -> TokenAnswer.read(response, clock.instant()))
        .onErrorResume(fault -> Mono.just(unreachable(fault)));
  }

  private Mono<ResponseEntity<byte[]>> post(Ask ask, Map<String, String> proof) {
    return http.post()
        .uri(ask.endpoint)
        .contentType(MediaType.APPLICATION_FORM_URLENCODED)
        .accept(MediaType.APPLICATION_JSON)
        .header("client-request-id", ask.clientRequestId)
        .header("return-client-request-id", "true")
        .body(BodyInserters.fromFormData(form(ask, proof)))
        .exchangeToMono(response -> response.toEntity(byte[].class));
  }

  private static MultiValueMap<String, String> form(Ask ask, Map<String, String> proof) {
    var form = new LinkedMultiValueMap<String, String>();
    ask.form.forEach(form::add);
    proof.forEach(form::add);
    return form;
  }

  private static Answer unreachable(Throwable fault) {
    LOG.atWarn()
        .addKeyValue("fault", fault.getClass().getSimpleName())
        .log("a token endpoint could not be asked");
    return Answer.Failure.of(EntraAnswer.TRANSIENT, "unreachable", Ids.NONE);
  }

  private static Answer broken(Throwable fault) {
    LOG.atError().addKeyValue("fault", fault.getClass().getName()).log("an exchange broke");
    return Answer.Failure.of(EntraAnswer.TRANSIENT, "internal", Ids.NONE);
  }

  private void report(Ask ask, Answer answer) {
    if (!(answer instanceof Answer.Failure failure)) {
      return;
    }
    Optional<Alerts.Kind> alert = alert(failure);
    (alert.isPresent() ? LOG.atError() : LOG.atInfo())
        .addKeyValue("endpoint", ask.endpoint)
        .addKeyValue("code", failure.code)
        .addKeyValue("answer", failure.row.answer())
        .addKeyValue("correlation", failure.ids.correlationId.orElse("-"))
        .addKeyValue("trace", failure.ids.traceId.orElse("-"))
        .addKeyValue("client_request", ask.clientRequestId)
        .log("an exchange was refused");
    alert.ifPresent(alerts::raise);
  }

  /** Refused credentials raise their own. */
  private static Optional<Alerts.Kind> alert(Answer.Failure failure) {
    return switch (failure.code) {
      case "aadsts50013" -> Optional.of(Alerts.Kind.ASSERTION_REFUSED);
      case "aadsts50196" -> Optional.of(Alerts.Kind.LOOPING);
      default ->
          failure.row.answer() == EntraAnswer.MISCONFIGURED
              ? Optional.of(Alerts.Kind.MISCONFIGURED)
              : Optional.empty();
    };
  }

  /** The provider's ids of one answer. */
  record Ids(Optional<String> correlationId, Optional<String> traceId) {
    static final Ids NONE = new Ids(Optional.empty(), Optional.empty());
  }

  /** What an endpoint answered. */
  sealed interface Answer {

    /** In the words of an exchange. */
    Exchanged exchanged(Supplier<Optional<Consent>> consent);

    record Success(DelegatedToken token, Duration expiresIn, Ids ids) implements Answer {
      @Override
      public Exchanged exchanged(Supplier<Optional<Consent>> consent) {
        return new Exchanged.Issued(token, expiresIn, ids.correlationId);
      }
    }

    /**
     * @param code the provider's number or word, where it is a known one
     */
    record Failure(
        EntraErrors.Row row,
        String code,
        Optional<String> claims,
        Optional<Duration> retryAfter,
        Ids ids)
        implements Answer {

      static Failure of(EntraAnswer answer, String code, Ids ids) {
        return new Failure(
            new EntraErrors.Row(answer, false), code, Optional.empty(), Optional.empty(), ids);
      }

      @Override
      public Exchanged exchanged(Supplier<Optional<Consent>> consent) {
        Optional<Consent> missing =
            row.answer() == EntraAnswer.CONSENT ? consent.get() : Optional.empty();
        return new Exchanged.Refused(
            row.answer().failure(code, claims, retryAfter),
            row.revoked(),
            Optional.of(new RefusedExchange(code, ids.correlationId, ids.traceId, missing)));
      }
    }
  }
}
