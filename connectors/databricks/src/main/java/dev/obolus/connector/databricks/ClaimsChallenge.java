// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.databricks;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A claims challenge in {@code WWW-Authenticate}. What a source writes is not trusted: only the
 * members {@code nbf}, {@code acrs} and {@code xms_rp_ipaddr} of {@code access_token} pass, and no
 * more than 4 KB; the address of a sign-in page is never taken from it.
 */
final class ClaimsChallenge {
  private static final int MAX_LENGTH = 4096;
  private static final List<String> KNOWN = List.of("nbf", "acrs", "xms_rp_ipaddr");
  private static final Pattern ERROR = Pattern.compile("\\berror=\"insufficient_claims\"");
  private static final Pattern CLAIMS = Pattern.compile("\\bclaims=\"([A-Za-z0-9+/_=-]{1,6000})\"");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ClaimsChallenge() {}

  /** The claims to ask for, as JSON, if one of the headers is a challenge. */
  static Optional<String> find(List<String> headers) {
    return headers.stream().flatMap(header -> read(header).stream()).findFirst();
  }

  private static Optional<String> read(String header) {
    Matcher claims = CLAIMS.matcher(header);
    if (!ERROR.matcher(header).find() || !claims.find()) {
      return Optional.empty();
    }
    try {
      String base64 = claims.group(1).replace('-', '+').replace('_', '/').replace("=", "");
      return reduced(
          JSON.readTree(new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8)));
    } catch (IllegalArgumentException | JacksonException _) {
      return Optional.empty();
    }
  }

  private static Optional<String> reduced(JsonNode claims) {
    ObjectNode accessToken = JSON.createObjectNode();
    for (String name : KNOWN) {
      JsonNode member = claims.path("access_token").path(name);
      if (member.isObject()) {
        accessToken.set(name, member);
      }
    }
    String text = JSON.createObjectNode().set("access_token", accessToken).toString();
    return accessToken.isEmpty() || text.length() > MAX_LENGTH
        ? Optional.empty()
        : Optional.of(text);
  }
}
