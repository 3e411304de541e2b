// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import java.util.Map;
import reactor.core.publisher.Mono;

/** An assertion that somebody else issues for this workload: no secret of ours at all. */
final class FederatedCredential implements ClientCredential {
  private final AssertionSource source;

  FederatedCredential(AssertionSource source) {
    this.source = source;
  }

  @Override
  public Mono<Map<String, String>> proof(String tokenEndpoint) {
    return source.assertion().map(ClientCredential::asserting);
  }

  @Override
  public Mono<Boolean> renew(String tokenEndpoint) {
    return source.renew();
  }

  @Override
  public String toString() {
    return "FederatedCredential[" + source + "]";
  }

  /** Where the assertion comes from. */
  interface AssertionSource {
    Mono<String> assertion();

    /** Forgets what is kept. True where the next assertion differs. */
    Mono<Boolean> renew();
  }
}
