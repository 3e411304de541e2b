// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import com.nimbusds.jwt.JWTClaimsSet;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a person showed when signing in, and when. It travels in {@code aio}, which Entra documents
 * as opaque, so that an exchange knows what the sign-in behind its assertion was worth.
 *
 * @param met the controls that were met, such as {@code mfa}
 * @param contexts the authentication contexts that were met: {@code acrs}
 */
public record SignIn(Instant at, Set<String> met, Set<String> contexts) {
  public SignIn {
    met = Set.copyOf(met);
    contexts = Set.copyOf(contexts);
  }

  /** By a password alone. */
  public static SignIn plain(Instant at) {
    return new SignIn(at, Set.of(), Set.of());
  }

  String toAio() {
    String text =
        String.join(
            "|",
            at.toString(),
            String.join(",", new TreeSet<>(met)),
            String.join(",", new TreeSet<>(contexts)));
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Of a token whose signature has been checked; one that says nothing was got by a password. */
  public static SignIn behind(JWTClaimsSet claims) {
    Instant issued = claims.getIssueTime().toInstant();
    try {
      String text =
          new String(
              Base64.getUrlDecoder().decode(String.valueOf(claims.getClaim("aio"))),
              StandardCharsets.UTF_8);
      List<String> parts = List.of(text.split("\\|", -1));
      return parts.size() == 3
          ? new SignIn(Instant.parse(parts.get(0)), words(parts.get(1)), words(parts.get(2)))
          : plain(issued);
    } catch (IllegalArgumentException | java.time.DateTimeException _) {
      return plain(issued);
    }
  }

  private static Set<String> words(String list) {
    Set<String> words = new TreeSet<>(List.of(list.split(",", -1)));
    words.remove("");
    return words;
  }
}
