// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** What whoever runs this gateway is to look at: {@code obolus.obo.alerts}, by kind. */
final class Alerts {
  private final Map<Kind, Counter> counters = new EnumMap<>(Kind.class);

  Alerts(MeterRegistry meters) {
    for (Kind kind : Kind.values()) {
      counters.put(
          kind,
          Counter.builder("obolus.obo.alerts")
              .tag("kind", kind.name().toLowerCase(Locale.ROOT))
              .description("what an operator is to look at")
              .register(meters));
    }
  }

  void raise(Kind kind) {
    Objects.requireNonNull(counters.get(kind)).increment();
  }

  enum Kind {
    /** One of two credentials is no longer taken. */
    CREDENTIAL_FAILED_OVER,
    /** None is. */
    CREDENTIAL_REFUSED,
    /** A token that we had verified is none for Entra. */
    ASSERTION_REFUSED,
    /** The gateway, or a tenant, is set up wrongly. */
    MISCONFIGURED,
    /** Entra sees the same request too often. */
    LOOPING
  }
}
