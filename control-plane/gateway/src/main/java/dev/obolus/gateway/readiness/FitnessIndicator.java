// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.readiness;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import reactor.core.publisher.Mono;

/** Up only while everything holds: the policy is warm, the chain open, the database safe. */
final class FitnessIndicator implements ReactiveHealthIndicator {
  private static final Logger LOG = LoggerFactory.getLogger(FitnessIndicator.class);

  private final List<Fitness> conditions;
  private final AtomicReference<List<String>> lastMissing = new AtomicReference<>(List.of());

  FitnessIndicator(List<Fitness> conditions) {
    if (conditions.isEmpty()) {
      throw new IllegalArgumentException("fit for nothing");
    }
    this.conditions = List.copyOf(conditions);
  }

  @Override
  public Mono<Health> health() {
    return Mono.fromCallable(this::look);
  }

  private Health look() {
    List<String> missing =
        conditions.stream()
            .filter(condition -> !condition.holds().getAsBoolean())
            .map(Fitness::name)
            .toList();
    if (!missing.equals(lastMissing.getAndSet(missing))) {
      LOG.atInfo().addKeyValue("missing", String.join(" ", missing)).log("readiness changed");
    }
    return missing.isEmpty() ? Health.up().build() : Health.outOfService().build();
  }
}
