// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.operator;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientException;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/**
 * The gateways' operator API, called as the signed-in operator. A call goes to the first gateway
 * that answers; one that cannot be reached, or is not ready, is passed over.
 */
public final class OperatorApi {
  private final WebClient http;
  private final List<URI> gateways;
  private final Duration patience;
  private final Duration verifyPatience;

  public OperatorApi(
      WebClient http, List<URI> gateways, Duration patience, Duration verifyPatience) {
    this.http = http;
    this.gateways = List.copyOf(gateways);
    this.patience = patience;
    this.verifyPatience = verifyPatience;
  }

  /** What a gateway said, or that none said anything. */
  public sealed interface Answer {
    /** What it said, a revealed value perhaps: it does not print. */
    record Given(JsonNode body) implements Answer {
      @Override
      public String toString() {
        return "Given[…]";
      }
    }

    /**
     * It refuses; the sentences are its own, shortened.
     *
     * @param code one word, or empty
     * @param next what to do
     */
    record Refused(int status, String code, String sentence, String next) implements Answer {}

    /** No gateway answers. */
    record Silent() implements Answer {}
  }

  /** Has the gateways record that this operator signed in. */
  public Mono<Answer> signIn(OAuth2AccessToken token) {
    return post(token, "/operator/v1/sign-ins", Map.of(), patience);
  }

  /** The names behind pseudonyms. */
  public Mono<Answer> people(OAuth2AccessToken token) {
    return ask(gateway -> get(gateway, token, "/operator/v1/people"), patience);
  }

  /** What the gateway says of itself, the reason catalogue of its policy among it. */
  public Mono<Answer> status(OAuth2AccessToken token) {
    return ask(gateway -> get(gateway, token, "/operator/v1/status"), patience);
  }

  /** Verifies the whole log. */
  public Mono<Answer> verify(OAuth2AccessToken token) {
    return post(token, "/operator/v1/audit/verify", Map.of(), verifyPatience);
  }

  /** Verifies one record and its links. */
  public Mono<Answer> verify(OAuth2AccessToken token, String chain, long seq) {
    return post(
        token, "/operator/v1/audit/verify", Map.of("chain", chain, "seq", seq), verifyPatience);
  }

  /**
   * Asks for a personal value of a record.
   *
   * @param purpose what for, in clear on the record
   */
  public Mono<Answer> reveal(
      OAuth2AccessToken token, String chain, long seq, String field, String purpose) {
    return post(
        token,
        "/operator/v1/audit/reveal",
        Map.of("chain", chain, "seq", seq, "field", field, "purpose", purpose),
        patience);
  }

  private Mono<Answer> post(
      OAuth2AccessToken token, String path, Map<String, Object> body, Duration within) {
    return ask(
        gateway ->
            http.post()
                .uri(gateway.resolve(path))
                .headers(h -> h.setBearerAuth(token.getTokenValue()))
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(body),
        within);
  }

  private WebClient.RequestHeadersSpec<?> get(URI gateway, OAuth2AccessToken token, String path) {
    return http.get()
        .uri(gateway.resolve(path))
        .headers(h -> h.setBearerAuth(token.getTokenValue()));
  }

  private interface Call {
    WebClient.RequestHeadersSpec<?> to(URI gateway);
  }

  private Mono<Answer> ask(Call call, Duration within) {
    return ask(call, within, 0);
  }

  private Mono<Answer> ask(Call call, Duration within, int nth) {
    return nth == gateways.size()
        ? Mono.just(new Answer.Silent())
        : answer(call.to(gateways.get(nth)), within)
            .flatMap(answer ->
                answer instanceof Answer.Silent ? ask(call, within, nth + 1) : Mono.just(answer));
  }

  private static Mono<Answer> answer(WebClient.RequestHeadersSpec<?> request, Duration within) {
    return request
        .exchangeToMono(OperatorApi::read)
        .timeout(within)
        .onErrorResume(
            e ->
                e instanceof WebClientException
                    || e instanceof java.util.concurrent.TimeoutException
                    || e instanceof org.springframework.core.codec.DecodingException,
            e -> Mono.just(new Answer.Silent()));
  }

  private static Mono<Answer> read(ClientResponse response) {
    HttpStatusCode status = response.statusCode();
    if (status.is5xxServerError()) {
      return response.releaseBody().thenReturn(new Answer.Silent());
    }
    return response
        .bodyToMono(JsonNode.class)
        .map(body -> judge(status, body))
        .defaultIfEmpty(new Answer.Refused(status.value(), "", "It answered with nothing.", ""));
  }

  private static Answer judge(HttpStatusCode status, JsonNode body) {
    return status.is2xxSuccessful()
        ? new Answer.Given(body)
        : new Answer.Refused(
            status.value(),
            cut(body.path("code").asString("")),
            cut(body.path("detail").asString(body.path("title").asString(""))),
            cut(body.path("next").asString("")));
  }

  private static String cut(String said) {
    return said.length() > 200 ? said.substring(0, 200) : said;
  }
}
