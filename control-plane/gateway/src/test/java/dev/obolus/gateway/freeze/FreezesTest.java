// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.freeze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.ChainId;
import dev.obolus.connector.Purge;
import dev.obolus.gateway.freeze.Freeze.Place;
import dev.obolus.gateway.freeze.FreezeRecords.Begun;
import dev.obolus.gateway.freeze.FreezeRecords.Ended;
import dev.obolus.gateway.freeze.FreezeRecords.Forged;
import dev.obolus.gateway.freeze.FreezeRecords.Unsure;
import dev.obolus.gateway.testing.TestFreezes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is believed of the log, and what becomes an alarm. */
class FreezesTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
  private static final Scope AGENT = new Scope.Agent("client");

  private final List<Purge> purged = new ArrayList<>();
  private boolean purgeFails;
  private long nanos;
  private final TestFreezes log = new TestFreezes(NOW, () -> nanos, this::purge);

  @Test
  void aRecordThatWasTakenAwayUnfreezesNothingAndRaisesAnAlarm() {
    Place place = log.freeze(AGENT);
    log.records.clear();
    log.look();
    assertThat(log.freezes.inForce()).extracting(Freeze::record).containsExactly(place);
    assertThat(log.freezes.alarms()).containsExactly("gone " + place);
  }

  @Test
  void whatNobodySealedNeitherFreezesNorUnfreezesAndRaisesAnAlarm() {
    Place place = log.freeze(AGENT);
    Place forged = new Place(place.chain(), 99);
    log.records.put(forged, new Forged());
    log.look();
    assertThat(log.freezes.inForce()).extracting(Freeze::record).containsExactly(place);
    assertThat(log.freezes.alarms()).containsExactly("forged " + forged);
  }

  @Test
  void nobodyLiftsWhatHeFroze() {
    Place place = log.freeze(AGENT);
    log.records.put(new Place(place.chain(), 2), new Ended(place, "p-olga"));
    log.look();
    assertThat(log.freezes.inForce()).hasSize(1);
    assertThat(log.freezes.alarms()).hasSize(1);
  }

  @Test
  void anEndThatIsNotVouchedForYetEndsNothingUntilItIs() {
    Place place = log.freeze(AGENT);
    Place end = new Place(place.chain(), 2);
    log.records.put(end, new Unsure());
    log.look();
    assertThat(log.freezes.inForce()).hasSize(1);

    log.records.put(end, new Ended(place, "p-omar"));
    lookLater();
    assertThat(log.freezes.inForce()).isEmpty();
    assertThat(log.freezes.alarms()).isEmpty();
  }

  @Test
  void anEndMayBeReadBeforeItsBeginning() {
    Place place = new Place(ChainId.parse("0c".repeat(16)), 7);
    log.records.put(new Place(place.chain(), 8), new Ended(place, "p-omar"));
    log.look();
    log.records.put(place, begun(place, Optional.empty(), true));
    log.look();
    assertThat(log.freezes.inForce()).isEmpty();
  }

  @Test
  void aFreezeEndsByItself() {
    Place place = new Place(ChainId.parse("0c".repeat(16)), 7);
    log.records.put(place, begun(place, Optional.of(NOW.plusMillis(1)), true));
    Place over = new Place(place.chain(), 8);
    log.records.put(over, begun(over, Optional.of(NOW), true));
    log.look();
    assertThat(log.freezes.inForce()).extracting(Freeze::record).containsExactly(place);
  }

  @Test
  void whoCannotBeReadAnyMoreIsAlarmedOfAndReadAgain() {
    Place place = new Place(ChainId.parse("0c".repeat(16)), 7);
    log.records.put(place, begun(place, Optional.empty(), false));
    log.look();
    assertThat(log.freezes.alarms()).containsExactly("unreadable " + place);
    assertThat(log.freezes.inForce()).hasSize(1);

    log.records.put(place, begun(place, Optional.empty(), true));
    lookLater();
    assertThat(log.freezes.inForce()).hasSize(1);
  }

  @Test
  void whatNobodyVouchedForIsReadAgainOnceASecondAndNoLongerHoldsIfItIsForged() {
    Place place = new Place(ChainId.parse("0c".repeat(16)), 7);
    log.records.put(place, new Begun(freeze(place), true, false));
    log.look();
    assertThat(log.freezes.inForce()).hasSize(1);

    log.records.put(place, new Forged());
    log.look();
    assertThat(log.freezes.inForce()).hasSize(1);
    lookLater();
    assertThat(log.freezes.inForce()).isEmpty();
    assertThat(log.freezes.alarms()).containsExactly("forged " + place);
  }

  @Test
  void whatWasSealedAndCannotBeReadHoldsAlsoWhenItsRowIsChanged() {
    Place place = new Place(ChainId.parse("0c".repeat(16)), 7);
    log.records.put(place, begun(place, Optional.empty(), false));
    log.look();
    log.records.put(place, new Forged());
    lookLater();
    assertThat(log.freezes.inForce()).hasSize(1);
  }

  @Test
  void oneRecordThatCannotBeReadLeavesTheListUnconfirmedAndTheOthersHold() {
    nanos = Freezes.TRUST.toNanos();
    Place unread = new Place(ChainId.parse("0c".repeat(16)), 7);
    Place after = new Place(unread.chain(), 8);
    log.failing.add(unread);
    log.records.put(unread, begun(unread, Optional.empty(), true));
    log.records.put(after, begun(after, Optional.empty(), true));
    assertThatThrownBy(log::look).isInstanceOf(IllegalStateException.class);
    assertThat(log.freezes.inForce()).extracting(Freeze::record).containsExactly(after);
    assertThat(log.freezes.isKnown()).isFalse();

    log.failing.clear();
    log.look();
    assertThat(log.freezes.inForce()).hasSize(2);
    assertThat(log.freezes.isKnown()).isTrue();
  }

  @Test
  void whatIsKnownIsConfirmedWhileAnUnsignedRecordCannotBeReadAgain() {
    Place place = new Place(ChainId.parse("0c".repeat(16)), 7);
    log.records.put(place, new Begun(freeze(place), true, false));
    log.look();
    log.failing.add(place);
    nanos += Freezes.TRUST.toNanos();
    assertThatThrownBy(log::look).isInstanceOf(IllegalStateException.class);
    assertThat(log.freezes.isKnown()).isTrue();
    assertThat(log.freezes.inForce()).hasSize(1);
  }

  @Test
  void aPurgeThatFailsIsTriedAgainAndKeepsNoOtherFreezeFromBeingEnforced() {
    Place first = new Place(ChainId.parse("0c".repeat(16)), 7);
    Place second = new Place(first.chain(), 8);
    Freeze tenant =
        new Freeze(
            second,
            new Scope.Tenant("t"),
            Optional.empty(),
            NOW,
            Optional.empty(),
            "p-olga",
            "a test");
    log.records.put(first, begun(first, Optional.empty(), true));
    log.records.put(second, new Begun(tenant, true, true));
    purgeFails = true;
    assertThatThrownBy(log::look).isInstanceOf(IllegalStateException.class);
    assertThat(purged).containsExactly(new Purge.Tenant("t"));
    assertThat(log.freezes.isKnown()).isTrue();

    purgeFails = false;
    log.look();
    log.look();
    assertThat(purged).containsExactly(new Purge.Tenant("t"), new Purge.Agent("client"));
  }

  @Test
  void alarmsOfOneKindHideNoneOfAnotherAndAllAreCounted() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    FreezeAlarms alarms = new FreezeAlarms(meters);
    ChainId chain = ChainId.parse("0c".repeat(16));
    for (int i = 0; i < 1_001; i++) {
      alarms.raise(FreezeAlarms.Kind.FORGED, new Place(chain, i));
      alarms.raise(FreezeAlarms.Kind.FORGED, new Place(chain, 0));
    }
    alarms.raise(FreezeAlarms.Kind.GONE, new Place(chain, 5));
    assertThat(alarms.raised()).hasSize(1_001).contains("gone " + new Place(chain, 5));
    assertThat(meters.get("obolus.freeze.alarms").tag("kind", "forged").counter().count())
        .isEqualTo(1_001);
  }

  @Test
  void aFreezeIsEnforcedOnce() {
    var _ = log.freeze(AGENT);
    log.look();
    assertThat(purged).containsExactly(new Purge.Agent("client"));
  }

  @Test
  void noPruneTakesWhatSaysThatSomethingIsFrozenOrNoLonger() {
    ChainId first = ChainId.parse("0c".repeat(16));
    ChainId second = ChainId.parse("0d".repeat(16));
    Place place = new Place(first, 7);
    Freeze freeze =
        new Freeze(
            place,
            new Scope.Tenant("t"),
            Optional.empty(),
            NOW,
            Optional.empty(),
            "p-olga",
            "a test");
    log.records.put(place, new Begun(freeze, true, true));
    log.look();
    assertThat(log.freezes.needs(Set.of(first), Set.of("t"))).isTrue();
    assertThat(log.freezes.needs(Set.of(first), Set.of("another"))).isFalse();
    assertThat(log.freezes.needs(Set.of(second), Set.of("t"))).isFalse();

    log.records.put(new Place(second, 1), new Ended(place, "p-omar"));
    log.look();
    assertThat(log.freezes.needs(Set.of(second), Set.of("t"))).isTrue();
    assertThat(log.freezes.needs(Set.of(first), Set.of("t"))).isFalse();
    assertThat(log.freezes.needs(Set.of(first, second), Set.of("t"))).isFalse();
  }

  private void lookLater() {
    nanos += Freezes.AGAIN.toNanos();
    log.look();
  }

  private void purge(Purge purge) {
    if (purgeFails && purge instanceof Purge.Agent) {
      throw new IllegalStateException("the cache");
    }
    purged.add(purge);
  }

  private static Freeze freeze(Place place) {
    return begun(place, Optional.empty(), true).freeze();
  }

  private static Begun begun(Place place, Optional<Instant> until, boolean readable) {
    return new Begun(
        new Freeze(place, AGENT, Optional.empty(), NOW, until, "p-olga", "a test"), readable, true);
  }
}
