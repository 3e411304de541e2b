// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import java.util.Map;
import reactor.core.publisher.Mono;

/** Where an issuer's name and keys come from. */
interface KeySource {

  /** What is published now; {@link IdentityUnavailable} where it is not to be had. */
  Mono<Published> fetch(Source source);

  /** One tenant in one version: each has metadata and keys of its own. */
  record Source(String tenant, TokenVersion version) {}

  /**
   * @param issuer that tokens of this tenant and version must name, to the letter
   * @param keys by their ids
   */
  record Published(String issuer, Map<String, SigningKey> keys) {
    public Published {
      keys = Map.copyOf(keys);
    }
  }
}
