// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlainTest {
  private static final String ORDINARY = "Größe \u00e9e\u0301 \ud83d\ude00 {\"a\":\\1}";

  @Test
  void whatMovesTurnsOrHidesTextIsSpeltOutAndTheRestLeftAlone() {
    assertThat(Plain.line(ORDINARY)).isEqualTo(ORDINARY);
    assertThat(Plain.line("a\u001b[2Jb\u009bc\rd\u0000\n"))
        .isEqualTo("a\\u001b[2Jb\\u009bc\\u000dd\\u0000\\u000a");
    assertThat(Plain.line("a\u202eb\u2066c\u200bd\ufeffe\u2028f\udb40\udc41"))
        .isEqualTo("a\\u202eb\\u2066c\\u200bd\\ufeffe\\u2028f\\udb40\\udc41");
  }

  @Test
  void ofSeveralLinesOnlyTheirEndsStay() {
    assertThat(Plain.lines("a\nb\rc\td\n")).isEqualTo("a\nb\\u000dc\\u0009d\n");
  }
}
