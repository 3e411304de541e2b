// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.freeze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.ChainId;
import dev.obolus.connector.Purge;
import dev.obolus.gateway.freeze.Freeze.Place;
import dev.obolus.gateway.freeze.FreezeRecords.Begun;
import dev.obolus.gateway.freeze.FreezeRecords.Ended;
import dev.obolus.gateway.freeze.FreezeRecords.Forged;
import dev.obolus.gateway.freeze.FreezeRecords.Unsure;
import dev.obolus.gateway.testing.TestFreezes;
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
  private final TestFreezes log = new TestFreezes(NOW, () -> 0, purged::add);

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
    log.look();
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
    log.look();
    assertThat(log.freezes.inForce()).hasSize(1);
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

  private static Begun begun(Place place, Optional<Instant> until, boolean readable) {
    return new Begun(
        new Freeze(place, AGENT, Optional.empty(), NOW, until, "p-olga", "a test"), readable, true);
  }
}
