// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WatchdogTest {
  private static final Duration SHORT = Duration.ofMillis(5);
  private static final Duration ENDLESS = Duration.ofDays(1);

  @Test
  void aThreadThatDoesNotRunIsNotOverItsBudget() throws Exception {
    // More than a thread takes to fall asleep, and far less than it sleeps.
    try (var watchdog = new Watchdog(Duration.ofMillis(200), ENDLESS)) {
      Watchdog.Run run = watchdog.begin();
      Thread.sleep(Duration.ofSeconds(1));
      assertThat(run.end()).isTrue();
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
  }

  @Test
  void aThreadThatRunsIsStoppedAtItsBudget() {
    try (var watchdog = new Watchdog(SHORT, ENDLESS)) {
      Watchdog.Run run = watchdog.begin();
      while (!Thread.currentThread().isInterrupted()) {
        Thread.onSpinWait();
      }
      assertThat(run.end()).isFalse();
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
  }

  @Test
  void aThreadThatHangsIsStoppedAtTheCeiling() {
    try (var watchdog = new Watchdog(ENDLESS, SHORT)) {
      Watchdog.Run run = watchdog.begin();
      assertThatThrownBy(() -> Thread.sleep(ENDLESS)).isInstanceOf(InterruptedException.class);
      assertThat(run.end()).isFalse();
    }
  }
}
