// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import java.nio.file.Path;
import java.util.Map;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A client secret from a file, read again when it is no longer taken. */
final class SecretCredential implements ClientCredential {
  private final Path file;
  private volatile String secret;

  SecretCredential(Path file) {
    this.file = file;
    this.secret = SecretFile.read(file);
  }

  @Override
  public Mono<Map<String, String>> proof(String tokenEndpoint) {
    return Mono.fromSupplier(() -> Map.of("client_secret", secret));
  }

  @Override
  public Mono<Boolean> renew(String tokenEndpoint) {
    return Mono.fromCallable(this::readAgain).subscribeOn(Schedulers.boundedElastic());
  }

  private boolean readAgain() {
    String before = secret;
    secret = SecretFile.read(file);
    return !before.equals(secret);
  }

  @Override
  public String toString() {
    return "SecretCredential[" + file + "]";
  }
}
