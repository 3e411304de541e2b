// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.console.Records;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReadingTest {

  @Test
  void aQueryIsShownWithNamesWhereTheyAreKnown() {
    var people = new People(Map.of(Records.ALICE, "Alice \"Al\" Almeida"));
    assertThat(people.inQuery("-user:" + Records.ALICE + "," + Records.BOB + " label:pii"))
        .isEqualTo("-user:\"Alice \\\"Al\\\" Almeida\"," + Records.BOB + " label:pii");
  }

  @Test
  void invisibleAndTurningCharactersAreSpeltOut() {
    assertThat(Shown.of("a\u202Eb\u200Bc\u0007")).isEqualTo("a⟨U+202E⟩b⟨U+200B⟩c⟨U+0007⟩");
    assertThat(Shown.of("plain — text, ünïcode 漢")).isEqualTo("plain — text, ünïcode 漢");
  }
}
