// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A source's claims challenge in {@code WWW-Authenticate} (Microsoft identity platform, "Claims
 * challenges"). What a source writes is not trusted: only members that are known to be harmless
 * pass, and no more than 4 KB; the address of a sign-in page is never taken from it.
 */
public final class ClaimsChallenge {
  private static final Pattern ERROR = Pattern.compile("\\berror=\"insufficient_claims\"");
  private static final Pattern CLAIMS = Pattern.compile("\\bclaims=\"([A-Za-z0-9+/_=-]{1,6000})\"");

  private ClaimsChallenge() {}

  /**
   * The claims to ask for, as JSON, if one of the headers is a challenge.
   *
   * @param headers the values of {@code WWW-Authenticate}
   */
  public static Optional<String> find(List<String> headers) {
    return headers.stream().flatMap(header -> read(header).stream()).findFirst();
  }

  private static Optional<String> read(String header) {
    Matcher claims = CLAIMS.matcher(header);
    return ERROR.matcher(header).find() && claims.find()
        ? decoded(claims.group(1)).flatMap(Claims::reduced)
        : Optional.empty();
  }

  private static Optional<String> decoded(String base64) {
    try {
      String standard = base64.replace('-', '+').replace('_', '/').replace("=", "");
      return Optional.of(new String(Base64.getDecoder().decode(standard), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
