// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import dev.obolus.connector.ConnectorFailure.ExchangeUnavailable;
import dev.obolus.connector.ConnectorFailure.Misconfigured;
import dev.obolus.connector.ConnectorFailure.TokenRejected;
import dev.obolus.connector.DelegatedToken;
import dev.obolus.connector.obo.OboExchange.Exchanged.Issued;
import dev.obolus.connector.obo.OboExchange.Exchanged.Refused;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Entra's on-behalf-of flow: one form POST to the person's own tenant (Microsoft identity platform,
 * "OAuth 2.0 On-Behalf-Of flow").
 *
 * <p>Guarantees: the assertion goes to the configured authority only; no redirect is followed;
 * nothing that Entra wrote but its error number, its claims and its correlation id leaves this
 * class. A passing failure is repeated once at most, as is one of a credential that has since been
 * changed.
 */
final class EntraOboExchange implements OboExchange {
  private static final Logger LOG = LoggerFactory.getLogger(EntraOboExchange.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern GUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  private static final Pattern CORRELATION = Pattern.compile("[0-9a-zA-Z-]{1,64}");

  private final WebClient http;
  private final Settings settings;
  private final ClientCredential credential;
  private final RandomGenerator random;

  EntraOboExchange(
      WebClient http, Settings settings, ClientCredential credential, RandomGenerator random) {
    this.http = http;
    this.settings = settings;
    this.credential = credential;
    this.random = random;
  }

  /**
   * @param authority where Entra is reached, without a trailing slash
   * @param timeout of one attempt
   * @param longestWait a longer {@code Retry-After} is handed to the caller instead of waited for
   */
  record Settings(URI authority, String clientId, Duration timeout, Duration longestWait) {}

  @Override
  public Mono<Exchanged> exchange(Request request) {
    if (!GUID.matcher(request.tenant()).matches()) {
      return Mono.just(new Refused(new TokenRejected("tenant"), false, Optional.empty()));
    }
    return attempt(request)
        .flatMap(answer -> again(request, answer))
        .map(answer -> told(request, answer))
        .onErrorResume(fault -> Mono.just(broken(request, fault)));
  }

  private Mono<Answer> again(Request request, Answer first) {
    return switch (first) {
      case Answer.Success _ -> Mono.just(first);
      case Answer.Failure failure ->
          switch (failure.row.answer()) {
            case TRANSIENT -> patiently(request, failure);
            case CREDENTIAL -> renewed(request, failure);
            case NEW_TOKEN, STEP_UP, CONSENT, DENIED, MISCONFIGURED -> Mono.just(first);
          };
    };
  }

  private Mono<Answer> patiently(Request request, Answer.Failure failure) {
    Duration wait = failure.retryAfter.orElse(Duration.ZERO);
    if (wait.compareTo(settings.longestWait) > 0) {
      return Mono.just(failure);
    }
    Duration jitter = Duration.ofMillis(random.nextLong(50, 300));
    return Mono.delay(wait.plus(jitter)).then(attempt(request));
  }

  private Mono<Answer> renewed(Request request, Answer.Failure failure) {
    return Mono.fromCallable(credential::renew)
        .subscribeOn(Schedulers.boundedElastic())
        .flatMap(changed -> changed ? attempt(request) : Mono.just(failure));
  }

  private Mono<Answer> attempt(Request request) {
    return Mono.defer(() -> post(request))
        .timeout(settings.timeout)
        .map(EntraOboExchange::read)
        .onErrorResume(fault -> Mono.just(unreachable(fault)));
  }

  private Mono<ResponseEntity<byte[]>> post(Request request) {
    String endpoint = settings.authority + "/" + request.tenant() + "/oauth2/v2.0/token";
    return http.post()
        .uri(URI.create(endpoint))
        .contentType(MediaType.APPLICATION_FORM_URLENCODED)
        .accept(MediaType.APPLICATION_JSON)
        .header("client-request-id", request.clientRequestId())
        .header("return-client-request-id", "true")
        .body(BodyInserters.fromFormData(form(request, endpoint)))
        .exchangeToMono(response -> response.toEntity(byte[].class));
  }

  private MultiValueMap<String, String> form(Request request, String endpoint) {
    var form = new LinkedMultiValueMap<String, String>();
    form.add("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
    form.add("requested_token_use", "on_behalf_of");
    form.add("client_id", settings.clientId);
    credential.proof(endpoint).forEach(form::add);
    form.add("assertion", request.assertion().reveal());
    form.add("scope", request.scope());
    request.claims().ifPresent(claims -> form.add("claims", claims));
    return form;
  }

  private static Answer read(ResponseEntity<byte[]> response) {
    int status = response.getStatusCode().value();
    JsonNode body = body(response);
    Optional<String> correlation = correlation(response, body);
    if (status == 200) {
      return success(body, correlation);
    }
    Optional<Duration> retryAfter = retryAfter(response.getHeaders());
    List<Integer> codes = codes(body);
    String code = codes.isEmpty() ? "http" + status : "aadsts" + codes.getFirst();
    boolean passing = status == 429 || status >= 500;
    EntraErrors.Row row =
        passing
            ? new EntraErrors.Row(EntraAnswer.TRANSIENT, false)
            : EntraErrors.meaning(text(body, "error"), text(body, "suberror"), codes);
    return new Answer.Failure(
        row, code, Claims.ofEntra(text(body, "claims")), retryAfter, correlation);
  }

  private static Answer success(JsonNode body, Optional<String> correlation) {
    String token = text(body, "access_token");
    long seconds = body.path("expires_in").asLong(0);
    boolean bearer = text(body, "token_type").equalsIgnoreCase("Bearer");
    return token.isEmpty() || !bearer
        ? failure(EntraAnswer.TRANSIENT, "unreadable", correlation)
        : new Answer.Success(
            new Issued(
                new DelegatedToken(token), Duration.ofSeconds(Math.max(0, seconds)), correlation));
  }

  private static JsonNode body(ResponseEntity<byte[]> response) {
    byte[] bytes = response.getBody();
    try {
      return bytes == null ? JSON.createObjectNode() : JSON.readTree(bytes);
    } catch (JacksonException _) {
      return JSON.createObjectNode();
    }
  }

  private static List<Integer> codes(JsonNode body) {
    JsonNode codes = body.path("error_codes");
    return IntStream.range(0, Math.min(codes.size(), 10))
        .mapToObj(i -> codes.path(i).asInt(0))
        .filter(code -> code > 0)
        .toList();
  }

  private static Optional<String> correlation(ResponseEntity<byte[]> response, JsonNode body) {
    return Optional.of(text(body, "correlation_id"))
        .filter(id -> !id.isEmpty())
        .or(() -> Optional.ofNullable(response.getHeaders().getFirst("client-request-id")))
        .or(() -> Optional.ofNullable(response.getHeaders().getFirst("x-ms-request-id")))
        .filter(id -> CORRELATION.matcher(id).matches());
  }

  private static Optional<Duration> retryAfter(HttpHeaders headers) {
    return Optional.ofNullable(headers.getFirst(HttpHeaders.RETRY_AFTER))
        .filter(value -> value.matches("\\d{1,5}"))
        .map(value -> Duration.ofSeconds(Long.parseLong(value)));
  }

  private static String text(JsonNode body, String name) {
    JsonNode member = body.path(name);
    return member.isString() ? member.asString() : "";
  }

  private static Answer unreachable(Throwable fault) {
    LOG.atWarn()
        .addKeyValue("fault", fault.getClass().getSimpleName())
        .log("Entra could not be asked");
    return failure(EntraAnswer.TRANSIENT, "unreachable", Optional.empty());
  }

  private static Answer failure(EntraAnswer answer, String code, Optional<String> correlation) {
    return new Answer.Failure(
        new EntraErrors.Row(answer, false), code, Optional.empty(), Optional.empty(), correlation);
  }

  private static Exchanged told(Request request, Answer answer) {
    return switch (answer) {
      case Answer.Success(Issued issued) -> issued;
      case Answer.Failure failure -> {
        report(request, failure);
        yield new Refused(
            failure.row.answer().failure(failure.code, failure.claims, failure.retryAfter),
            failure.row.revoked(),
            failure.correlation);
      }
    };
  }

  private static void report(Request request, Answer.Failure failure) {
    boolean ours =
        switch (failure.row.answer()) {
          case MISCONFIGURED, CREDENTIAL -> true;
          case NEW_TOKEN, STEP_UP, CONSENT, DENIED, TRANSIENT -> false;
        };
    (ours ? LOG.atError() : LOG.atInfo())
        .addKeyValue("tenant", request.tenant())
        .addKeyValue("code", failure.code)
        .addKeyValue("answer", failure.row.answer())
        .addKeyValue("correlation", failure.correlation.orElse("-"))
        .addKeyValue("client_request", request.clientRequestId())
        .log("Entra refused an exchange");
  }

  private static Exchanged broken(Request request, Throwable fault) {
    LOG.atError()
        .addKeyValue("fault", fault.getClass().getName())
        .addKeyValue("client_request", request.clientRequestId())
        .log("an exchange broke");
    return new Refused(
        fault instanceof IllegalArgumentException
            ? new Misconfigured("credential")
            : new ExchangeUnavailable("internal", Optional.empty()),
        false,
        Optional.empty());
  }

  private sealed interface Answer {
    record Success(Issued issued) implements Answer {}

    record Failure(
        EntraErrors.Row row,
        String code,
        Optional<String> claims,
        Optional<Duration> retryAfter,
        Optional<String> correlation)
        implements Answer {}
  }
}
