// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.testing;

import dev.obolus.connector.Purge;
import dev.obolus.gateway.freeze.Freeze;
import dev.obolus.gateway.freeze.Freeze.Place;
import dev.obolus.gateway.freeze.FreezeAlarms;
import dev.obolus.gateway.freeze.FreezeRecords;
import dev.obolus.gateway.freeze.Freezes;
import dev.obolus.gateway.freeze.Scope;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Freezes over a log that is a map. */
public final class TestFreezes implements FreezeRecords {
  public final Map<Place, Reading> records = new LinkedHashMap<>();
  public final Set<Place> failing = new HashSet<>();
  public final Freezes freezes;
  private final Instant now;

  public TestFreezes(Instant now, LongSupplier nanos, Consumer<Purge> purge) {
    this.now = now;
    freezes =
        new Freezes(
            this,
            purge,
            () -> {},
            new FreezeAlarms(new SimpleMeterRegistry()),
            Set.of(TestIssuer.TENANT),
            InstantSource.fixed(now),
            nanos);
    look();
  }

  /** Seals and takes up a freeze. */
  public Place freeze(Scope scope) {
    Place place = new Place(TestLog.receipt(1).chain(), records.size() + 1);
    records.put(place, begun(place, scope));
    look();
    return place;
  }

  public Begun begun(Place place, Scope scope) {
    Freeze freeze =
        new Freeze(place, scope, Optional.empty(), now, Optional.empty(), "p-olga", "a test");
    return new Begun(freeze, true, true);
  }

  public void lift(Place freeze) {
    records.put(
        new Place(TestLog.receipt(1).chain(), records.size() + 1), new Ended(freeze, "p-omar"));
    look();
  }

  public void look() {
    try {
      freezes.look();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public List<Place> places() {
    return List.copyOf(records.keySet());
  }

  @Override
  public Reading read(Place place, boolean ours) {
    if (failing.contains(place)) {
      throw new IllegalStateException("a pool that is exhausted");
    }
    return records.getOrDefault(place, new Forged());
  }
}
