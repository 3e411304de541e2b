// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A token that the platform projects into a file and replaces before it ends, as AKS workload
 * identity does ({@code AZURE_FEDERATED_TOKEN_FILE}). Read again each minute. Its permissions are
 * the platform's matter: Kubernetes lets the pod's group read it.
 */
final class WorkloadIdentityFile implements FederatedCredential.AssertionSource {
  private static final Duration FRESH = Duration.ofMinutes(1);

  private final Path file;
  private final InstantSource clock;
  private volatile Read last;

  WorkloadIdentityFile(Path file, InstantSource clock) {
    this.file = file;
    this.clock = clock;
    try {
      this.last = read();
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read the federated token file " + file, e);
    }
  }

  @Override
  public Mono<String> assertion() {
    return Mono.defer(() ->
        last.at.plus(FRESH).isAfter(clock.instant())
            ? Mono.just(last.text)
            : readAgain().map(read -> read.text));
  }

  @Override
  public Mono<Boolean> renew() {
    return Mono.defer(() -> {
      String before = last.text;
      return readAgain().map(read -> !read.text.equals(before));
    });
  }

  private Mono<Read> readAgain() {
    return Mono.fromCallable(this::read)
        .doOnNext(read -> last = read)
        .subscribeOn(Schedulers.boundedElastic());
  }

  private Read read() throws IOException {
    String text = Files.readString(file).strip();
    if (text.isEmpty()) {
      throw new IOException("the federated token file is empty");
    }
    return new Read(text, clock.instant());
  }

  @Override
  public String toString() {
    return "WorkloadIdentityFile[" + file + "]";
  }

  private static final class Read {
    private final String text;
    private final Instant at;

    private Read(String text, Instant at) {
      this.text = text;
      this.at = at;
    }
  }
}
