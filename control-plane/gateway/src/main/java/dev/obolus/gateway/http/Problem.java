// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import dev.obolus.gateway.ErrorCode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A refusal on the wire (RFC 9457).
 *
 * @param headers beyond those that every answer carries
 * @param members beyond {@code type title status code detail next}, in their order
 */
record Problem(
    ErrorCode code,
    int status,
    String detail,
    Map<String, String> headers,
    Map<String, Object> members) {

  static Problem of(ErrorCode code, String detail) {
    return new Problem(code, code.status(), detail, Map.of(), Map.of());
  }

  Problem with(String member, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(members);
    more.put(member, value);
    return new Problem(code, status, detail, headers, more);
  }

  Problem withAny(String member, List<?> values) {
    return values.isEmpty() ? this : with(member, values);
  }

  Problem withHeader(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Problem(code, status, detail, more, members);
  }

  Problem retryAfter(Optional<Duration> wait) {
    return wait.map(time -> withHeader("Retry-After", Long.toString(wholeSeconds(time))))
        .orElse(this);
  }

  Problem withStatus(int other) {
    return new Problem(code, other, detail, headers, members);
  }

  Map<String, Object> body(Envelope envelope) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("type", "urn:obolus:problem:" + code.word());
    body.put("title", code.sentence());
    body.put("status", status);
    body.put("code", code.word());
    body.put("detail", detail);
    body.put("next", code.next());
    body.putAll(members);
    body.put("request_id", envelope.requestId());
    return body;
  }

  private static long wholeSeconds(Duration time) {
    return Math.max(1, time.plusMillis(999).toSeconds());
  }
}
