// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import java.security.interfaces.RSAPublicKey;
import java.util.Optional;

/**
 * One key of an issuer.
 *
 * @param issuer for whom it may sign, where it says so; may contain {@code {tenantid}}
 */
record SigningKey(String id, RSAPublicKey key, Optional<String> issuer) {

  boolean signsFor(String tokenIssuer, String tenant) {
    return issuer.map(own -> TrustedIssuer.inPlace(own, tenant).equals(tokenIssuer)).orElse(true);
  }
}
