// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Authorization codes that wait to be redeemed, each once and within two minutes. */
final class SignIns {
  private static final int WAITING = 1_000;
  private static final long LIFE_NANOS = 120_000_000_000L;

  private final SecureRandom random = new SecureRandom();
  private final Map<String, Code> codes =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Code> eldest) {
              return size() > WAITING;
            }
          });

  String issue(Code code) {
    byte[] bytes = new byte[24];
    random.nextBytes(bytes);
    String text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    codes.put(text, code);
    return text;
  }

  Optional<Code> redeem(String text) {
    return Optional.ofNullable(codes.remove(text))
        .filter(code -> System.nanoTime() - code.issuedAt() < LIFE_NANOS);
  }

  /**
   * @param issuedAt {@link System#nanoTime}
   */
  record Code(
      Directory.User user,
      Directory.App client,
      String redirectUri,
      String scope,
      String challenge,
      @Nullable String nonce,
      long issuedAt) {}
}
