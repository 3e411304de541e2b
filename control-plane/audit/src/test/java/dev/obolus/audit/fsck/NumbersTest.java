// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NumbersTest {

  @Test
  void rangesAnswerAsASetOfBitsDoes() throws Exception {
    Random random = new Random(7);
    for (int round = 0; round < 500; round++) {
      Numbers numbers = new Numbers();
      BitSet bits = new BitSet();
      double dense = random.nextDouble();
      for (int number = 1; number <= 40; number++) {
        if (random.nextDouble() < dense) {
          numbers.add(number);
          bits.set(number);
        }
      }
      assertThat(numbers.count()).isEqualTo(bits.cardinality());
      assertThat(numbers.newest()).isEqualTo(Math.max(0, bits.length() - 1));
      assertThat(numbers.firstMissing()).isEqualTo(bits.nextClearBit(1));
      for (int to = 0; to < 45; to++) {
        assertThat(numbers.has(to)).isEqualTo(bits.get(to));
        assertThat(numbers.lastMissing(to)).isEqualTo(bits.previousClearBit(to));
      }
    }
  }

  @Test
  void numbersThatDoNotAscendAreRefused() throws Exception {
    Numbers numbers = new Numbers();
    numbers.add(3);
    for (long number : new long[] {3, 2, 0, -1, Long.MIN_VALUE}) {
      assertThatThrownBy(() -> numbers.add(number)).isInstanceOf(Parsed.Malformed.class);
    }
    numbers.add(Long.MAX_VALUE);
    assertThat(numbers.has(Long.MAX_VALUE)).isTrue();
    assertThat(numbers.lastMissing(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE - 1);
  }
}
