// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.freeze;

import dev.obolus.gateway.freeze.Freeze.Place;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says of each record that something is wrong with it: once in the log file and as a metric. Of
 * each kind the first 1,000 records are remembered; further ones count, as often as they are seen.
 */
public final class FreezeAlarms {
  private static final Logger LOG = LoggerFactory.getLogger(FreezeAlarms.class);
  private static final int MOST = 1_000;

  private final MeterRegistry meters;
  private final Map<Kind, Set<String>> raised = new EnumMap<>(Kind.class);

  public FreezeAlarms(MeterRegistry meters) {
    this.meters = meters;
  }

  /** What is wrong. */
  public enum Kind {
    /** A row that says it is a freeze, or the end of one, and was not sealed. */
    FORGED,
    /** The record of a freeze in force is no longer there. */
    GONE,
    /** It cannot be read any more who is frozen: the tenant is. */
    UNREADABLE,
    /** No key vouches for it, or the log does not verify elsewhere. */
    UNSURE
  }

  synchronized void raise(Kind kind, Place record) {
    String word = kind.name().toLowerCase(Locale.ROOT);
    String name = word + " " + record;
    Set<String> known = raised.computeIfAbsent(kind, _ -> new HashSet<>());
    if (known.contains(name)) {
      return;
    }
    meters.counter("obolus.freeze.alarms", "kind", word).increment();
    if (known.size() < MOST) {
      known.add(name);
      LOG.atError()
          .addKeyValue("kind", word)
          .addKeyValue("record", record.toString())
          .log("ALARM: a freeze was tampered with; it holds as it was sealed");
    }
  }

  /** Each as its kind, chain and seq. */
  public synchronized Set<String> raised() {
    Set<String> all = new TreeSet<>();
    raised.values().forEach(all::addAll);
    return all;
  }
}
