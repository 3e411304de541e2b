// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import dev.obolus.connector.ConnectorFailure.TokenRejected;
import dev.obolus.connector.DelegatedToken;
import dev.obolus.connector.RefusedExchange;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** Issues tokens that say for whom, for what and the how-manieth they are. */
final class FakeExchange implements OboExchange {
  final List<Request> asked = new CopyOnWriteArrayList<>();
  final AtomicInteger underWay = new AtomicInteger();
  volatile Duration expiresIn = Duration.ofHours(1);
  volatile Function<Request, Mono<Exchanged>> before = _ -> Mono.empty();

  @Override
  public Mono<Exchanged> exchange(Request request) {
    return Mono.defer(() -> {
      asked.add(request);
      return before.apply(request).switchIfEmpty(Mono.fromSupplier(() -> answer(request)));
    });
  }

  private Exchanged answer(Request request) {
    String assertion = request.assertion().reveal();
    return assertion.startsWith("bad")
        ? new Exchanged.Refused(
            new TokenRejected("aadsts50013"),
            false,
            Optional.of(
                new RefusedExchange(
                    "aadsts50013", Optional.of("c"), Optional.empty(), Optional.empty())))
        : new Exchanged.Issued(
            new DelegatedToken(assertion + "|" + request.scope() + "|" + asked.size()),
            expiresIn,
            Optional.of("correlation-" + asked.size()));
  }
}
