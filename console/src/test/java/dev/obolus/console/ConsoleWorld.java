// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;

/** The console with a log in memory and a clock that can be turned. */
@Import(ConsoleWorld.Wiring.class)
public abstract class ConsoleWorld extends ConsoleHost {
  @Autowired protected FakeLog log;
  @Autowired protected TurnedClock clock;

  @TestConfiguration(proxyBeanMethods = false)
  static class Wiring {
    @Bean
    @Primary
    TurnedClock turnedClock() {
      return new TurnedClock();
    }

    @Bean
    FakeLog fakeLog() {
      return new FakeLog();
    }
  }

  @BeforeEach
  void calm() {
    clock.turn(Duration.ZERO);
    log.clear();
    log.up();
  }
}
