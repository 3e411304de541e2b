// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import dev.obolus.connector.DelegatedToken;
import dev.obolus.connector.obo.TokenEndpoint.Answer;
import dev.obolus.connector.obo.TokenEndpoint.Ids;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads what a token endpoint sends (RFC 6749, section 5, and Entra's additions to it). */
final class TokenAnswer {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern ID = Pattern.compile("[0-9a-zA-Z.-]{1,64}");
  private static final Pattern WAIT = Pattern.compile("\\d{1,5}");
  private static final Duration LONGEST = Duration.ofDays(1);
  private static final int LONGEST_TOKEN = 32 * 1024;
  private static final int MOST_CODES = 10;
  private static final EntraErrors.Row PASSING = new EntraErrors.Row(EntraAnswer.TRANSIENT, false);

  private TokenAnswer() {}

  static Answer read(ResponseEntity<byte[]> response, Instant now) {
    int status = response.getStatusCode().value();
    JsonNode body = body(response);
    var ids =
        new Ids(
            id(body, "correlation_id", response, "client-request-id", "x-ms-request-id"),
            id(body, "trace_id", response, "x-ms-request-id"));
    return status == 200
        ? issued(body, ids)
        : refused(status, body, retryAfter(response.getHeaders(), now), ids);
  }

  private static Answer issued(JsonNode body, Ids ids) {
    String token = text(body, "access_token");
    long seconds = body.path("expires_in").asLong(0);
    return token.isEmpty()
            || token.length() > LONGEST_TOKEN
            || !text(body, "token_type").equalsIgnoreCase("Bearer")
        ? Answer.Failure.of(EntraAnswer.TRANSIENT, "unreadable", ids)
        : new Answer.Success(
            new DelegatedToken(token), Duration.ofSeconds(Math.max(0, seconds)), ids);
  }

  private static Answer refused(int status, JsonNode body, Optional<Duration> retryAfter, Ids ids) {
    String error = text(body, "error");
    List<Integer> codes = codes(body);
    boolean passing = status == 429 || status >= 500;
    return new Answer.Failure(
        passing ? PASSING : EntraErrors.meaning(error, text(body, "suberror"), codes),
        code(status, error, codes),
        Claims.ofEntra(text(body, "claims")),
        retryAfter,
        ids);
  }

  private static String code(int status, String error, List<Integer> codes) {
    if (!codes.isEmpty()) {
      return "aadsts" + EntraErrors.deciding(codes);
    }
    return EntraErrors.isKnown(error) ? error : "http" + status;
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
    return IntStream.range(0, Math.min(codes.size(), MOST_CODES))
        .mapToObj(i -> codes.path(i).asInt(0))
        .filter(code -> code > 0)
        .toList();
  }

  /** In the body of a refusal, in the headers of any answer. */
  private static Optional<String> id(
      JsonNode body, String member, ResponseEntity<byte[]> response, String... headers) {
    return Stream.concat(
            Stream.of(text(body, member)),
            Stream.of(headers).map(it -> response.getHeaders().getFirst(it)))
        .flatMap(Stream::ofNullable)
        .filter(id -> !id.isEmpty())
        .findFirst()
        .filter(id -> ID.matcher(id).matches());
  }

  /** In seconds, or the time until which to wait (RFC 9110, section 10.2.3). */
  private static Optional<Duration> retryAfter(HttpHeaders headers, Instant now) {
    return Optional.ofNullable(headers.getFirst(HttpHeaders.RETRY_AFTER))
        .flatMap(value ->
            WAIT.matcher(value).matches()
                ? Optional.of(Duration.ofSeconds(Long.parseLong(value)))
                : until(value, now));
  }

  private static Optional<Duration> until(String date, Instant now) {
    try {
      Instant then = DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from);
      return Optional.of(Duration.between(now, then))
          .filter(wait -> wait.isPositive() && wait.compareTo(LONGEST) <= 0);
    } catch (DateTimeException _) {
      return Optional.empty();
    }
  }

  private static String text(JsonNode body, String name) {
    JsonNode member = body.path(name);
    return member.isString() ? member.asString() : "";
  }
}
