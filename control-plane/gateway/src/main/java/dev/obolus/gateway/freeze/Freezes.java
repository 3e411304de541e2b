// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.freeze;

import dev.obolus.audit.ChainId;
import dev.obolus.connector.Purge;
import dev.obolus.gateway.freeze.Freeze.Place;
import dev.obolus.gateway.freeze.FreezeRecords.Begun;
import dev.obolus.gateway.freeze.FreezeRecords.Ended;
import dev.obolus.gateway.freeze.FreezeRecords.Forged;
import dev.obolus.gateway.freeze.FreezeRecords.Reading;
import dev.obolus.gateway.freeze.FreezeRecords.Unsure;
import dev.obolus.gateway.freeze.Frozen.Confirmed;
import dev.obolus.gateway.identity.Caller;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * What is frozen, rebuilt from the log when the gateway starts and kept up with it.
 *
 * <p>Guarantees: only a record that a key vouches for freezes or unfreezes; neither the absence of
 * a row nor a row that somebody wrote does, and both raise an alarm. Where the list could not be
 * confirmed for {@link #TRUST}, nothing is clear. A new freeze first holds, then stops the calls
 * under way that it covers (their sources are told with the token in hand), and then their tokens
 * are purged. Asking costs no lock and no I/O.
 */
public final class Freezes {
  /** How long a reading of the log is good. */
  static final Duration TRUST = Duration.ofSeconds(2);

  /** How long a look goes on to further records. */
  private static final Duration LOOK = TRUST.dividedBy(2);

  /** How often a record that is not settled is read again. */
  static final Duration AGAIN = Duration.ofSeconds(1);

  /** A record is signed within seconds; one that is not after this was hardly sealed. */
  private static final Duration OVERDUE = Duration.ofSeconds(15);

  private final FreezeRecords records;
  private final Consumer<Purge> purge;
  private final Runnable forgetVerified;
  private final FreezeAlarms alarms;
  private final Set<String> tenants;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final Set<Passage> running = ConcurrentHashMap.newKeySet();
  private final Set<Place> ours = ConcurrentHashMap.newKeySet();

  private final Map<Place, Freeze> begun = new ConcurrentHashMap<>();
  private final Map<Place, Ended> ended = new ConcurrentHashMap<>();

  // touched by one reader at a time
  private final Set<Place> settled = new HashSet<>();
  private final Map<Place, Instant> unsure = new HashMap<>();
  private final Map<Place, Long> readAt = new HashMap<>();
  private final Set<Scope> enforced = new HashSet<>();

  private volatile Frozen frozen = Frozen.UNREAD;
  private volatile List<Freeze> inForce = List.of();

  /**
   * @param purge forgets exchanged tokens
   * @param forgetVerified empties the verified tokens
   * @param tenants those that are served
   * @param nanos for measuring how long ago the list was confirmed
   */
  public Freezes(
      FreezeRecords records,
      Consumer<Purge> purge,
      Runnable forgetVerified,
      FreezeAlarms alarms,
      Set<String> tenants,
      InstantSource clock,
      LongSupplier nanos) {
    this.records = records;
    this.purge = purge;
    this.forgetVerified = forgetVerified;
    this.alarms = alarms;
    this.tenants = Set.copyOf(tenants);
    this.clock = clock;
    this.nanos = nanos;
  }

  /** A request begins: to be called before anything is looked at for it. */
  public Passage enter(Caller.Facts facts, String connector) {
    Passage passage =
        new Passage(
            this, new Scope.Who(facts.tenant(), facts.objectId(), facts.client(), connector));
    boolean _ = running.add(passage);
    return passage;
  }

  void left(Passage passage) {
    boolean _ = running.remove(passage);
  }

  Standing standing(Scope.Who who) {
    Frozen now = frozen;
    if (now.covers(who)) {
      return Standing.FROZEN;
    }
    return isFresh(now) ? Standing.CLEAR : Standing.UNKNOWN;
  }

  /** Whether that very person is frozen, as far as is known. */
  public boolean isFrozen(String tenant, String objectId) {
    return frozen.scopes().contains(new Scope.Person(tenant, objectId));
  }

  /** Whether the list was confirmed lately. */
  public boolean isKnown() {
    return isFresh(frozen);
  }

  private boolean isFresh(Frozen now) {
    Confirmed last = now.confirmation();
    return last.ever() && nanos.getAsLong() - last.nanos() < TRUST.toNanos();
  }

  /** Those in force when the log was last read, earliest first. */
  public List<Freeze> inForce() {
    return inForce;
  }

  /**
   * Whether the list would be another one after a restart if these chains' records of these tenants
   * were gone: because a freeze in force is among them, or the end of one whose beginning is not.
   */
  public boolean needs(Set<ChainId> chains, Set<String> ofTenants) {
    boolean begins =
        inForce.stream()
            .anyMatch(freeze -> isAmong(freeze, ofTenants) && isIn(freeze.record(), chains));
    return begins
        || ended.entrySet().stream()
            .filter(entry -> isIn(entry.getKey(), chains))
            .map(entry -> begun.get(entry.getValue().freeze()))
            .anyMatch(freeze ->
                freeze != null && isAmong(freeze, ofTenants) && !isIn(freeze.record(), chains));
  }

  private static boolean isIn(Place record, Set<ChainId> chains) {
    return chains.contains(record.chain());
  }

  private static boolean isAmong(Freeze freeze, Set<String> ofTenants) {
    return freeze.scope().onlyTenant().filter(ofTenants::contains).isPresent();
  }

  /** What is wrong with records of freezes, each as its kind, chain and seq. */
  public Set<String> alarms() {
    return alarms.raised();
  }

  /** This process sealed that record: it is believed without a further key's word. */
  public void sealed(Place record) {
    boolean _ = ours.add(record);
  }

  /**
   * Reads the log and takes up what it says. Blocks. Fails if some of it could not be read or
   * enforced: what could is taken up all the same, and the rest is tried again. The list counts as
   * confirmed only if every record was read at least once.
   */
  public synchronized void look() throws Exception {
    Faults faults = new Faults();
    long since = nanos.getAsLong();
    List<Place> there = records.places();
    List<Place> open = there.stream().filter(place -> !settled.contains(place)).toList();
    for (Place place : open) {
      if (!readAt.containsKey(place) && hasTime(since)) {
        faults.tell(() -> take(place));
      }
    }
    boolean all =
        open.stream().allMatch(place -> settled.contains(place) || readAt.containsKey(place));
    missing(there).forEach(place -> alarms.raise(FreezeAlarms.Kind.GONE, place));
    publish(all ? new Confirmed(true, since) : frozen.confirmation());
    faults.tell(this::enforce);
    // these hold already, or lift nothing: nobody has to wait for them
    for (Place place : open) {
      if (isDue(place) && hasTime(since)) {
        faults.tell(() -> take(place));
      }
    }
    publish(frozen.confirmation());
    faults.tell(this::enforce);
    faults.rethrow();
  }

  private boolean hasTime(long since) {
    return nanos.getAsLong() - since < LOOK.toNanos();
  }

  private boolean isDue(Place place) {
    Long last = readAt.get(place);
    return last != null
        && ((ours.contains(place) && unsure.containsKey(place))
            || nanos.getAsLong() - last >= AGAIN.toNanos());
  }

  private void take(Place place) throws Exception {
    if (!begun.containsKey(place)) {
      Long _ = readAt.remove(place); // if this fails nobody knows what it freezes
    }
    Reading reading = records.read(place, ours.contains(place));
    Long _ = readAt.put(place, nanos.getAsLong());
    if (begun.containsKey(place) && !unsure.containsKey(place) && !isCertain(reading)) {
      alarms.raise(FreezeAlarms.Kind.UNREADABLE, place); // it was sealed: that holds
      return;
    }
    switch (reading) {
      case Begun(Freeze freeze, boolean readable, boolean certain) -> {
        Freeze _ = begun.put(place, freeze);
        if (!readable) {
          alarms.raise(FreezeAlarms.Kind.UNREADABLE, place);
        }
        if (certain) {
          Instant _ = unsure.remove(place);
        } else {
          wait(place);
        }
        if (readable && certain) {
          settle(place);
        }
      }
      case Ended end -> {
        Ended _ = ended.put(place, end);
        settle(place);
      }
      case Unsure _ -> wait(place);
      case Forged _ -> {
        Freeze _ = begun.remove(place);
        alarms.raise(FreezeAlarms.Kind.FORGED, place);
        settle(place);
      }
    }
  }

  private static boolean isCertain(Reading reading) {
    return reading instanceof Begun(Freeze _, boolean _, boolean certain) && certain;
  }

  private void settle(Place place) {
    boolean _ = settled.add(place);
    Instant _ = unsure.remove(place);
    Long _ = readAt.remove(place);
  }

  private void wait(Place place) {
    Instant first = unsure.computeIfAbsent(place, _ -> clock.instant());
    if (first.plus(OVERDUE).isBefore(clock.instant())) {
      alarms.raise(FreezeAlarms.Kind.UNSURE, place);
    }
  }

  /** A record in force whose row is not there any more was taken away: it holds all the same. */
  private Set<Place> missing(Collection<Place> there) {
    Set<Place> gone = inForce.stream().map(Freeze::record).collect(Collectors.toSet());
    gone.removeAll(Set.copyOf(there));
    return gone;
  }

  private void publish(Confirmed confirmed) {
    Instant now = clock.instant();
    Set<Place> over =
        ended.entrySet().stream()
            .filter(entry -> isByAnother(entry.getKey(), entry.getValue()))
            .map(entry -> entry.getValue().freeze())
            .collect(Collectors.toSet());
    List<Freeze> holding =
        begun.values().stream()
            .filter(freeze -> !over.contains(freeze.record()) && freeze.lasts(now))
            .sorted(Comparator.comparing(Freeze::since))
            .toList();
    Set<Scope> scopes = holding.stream().map(Freeze::scope).collect(Collectors.toSet());
    inForce = holding;
    frozen = new Frozen(scopes, confirmed);
  }

  /** Nobody lifts what he froze; the gateway lets nobody, so such a record is an alarm. */
  private boolean isByAnother(Place record, Ended end) {
    boolean another =
        Optional.ofNullable(begun.get(end.freeze()))
            .filter(freeze -> freeze.operator().equals(end.operator()))
            .isEmpty();
    if (!another) {
      alarms.raise(FreezeAlarms.Kind.FORGED, record);
    }
    return another;
  }

  /** Each scope once; one that fails keeps no other from it and is tried again. */
  private void enforce() throws Exception {
    Faults faults = new Faults();
    enforced.retainAll(frozen.scopes());
    for (Scope scope : frozen.scopes()) {
      if (!enforced.contains(scope)) {
        faults.tell(() -> {
          enforce(scope);
          enforced.add(scope);
        });
      }
    }
    faults.rethrow();
  }

  /** First whoever is under way stops; only then do tokens go. */
  private void enforce(Scope scope) {
    running.stream().filter(passage -> scope.covers(passage.who())).forEach(Passage::stop);
    scope
        .purge()
        .ifPresentOrElse(
            purge, () -> tenants.forEach(tenant -> purge.accept(new Purge.Tenant(tenant))));
    forgetVerified.run();
  }
}
