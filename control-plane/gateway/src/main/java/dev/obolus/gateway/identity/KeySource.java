// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import java.util.Map;
import reactor.core.publisher.Mono;

/** Where an issuer's keys come from. */
interface KeySource {

  /** The keys by id, as published now; {@link IdentityUnavailable} where they are not to be had. */
  Mono<Map<String, SigningKey>> fetch(Issuer issuer);

  /** One tenant in one version: each has metadata and keys of its own. */
  record Issuer(String tenant, TokenVersion version) {}
}
