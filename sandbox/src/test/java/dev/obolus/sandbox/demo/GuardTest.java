// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GuardTest {
  private static final String LONG_SLEEP = "600";

  /** A supervisor that is killed before it can say good-bye. */
  static final class KilledSupervisor {
    private KilledSupervisor() {}

    public static void main(String[] args) throws Exception {
      Process child = new ProcessBuilder("sleep", LONG_SLEEP).start();
      Guard.start().program(child.pid());
      System.out.println(child.pid());
      System.out.flush();
      Runtime.getRuntime().halt(137);
    }
  }

  @Test
  void aKilledSupervisorTakesItsProgramsAlong() throws Exception {
    Process supervisor =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                KilledSupervisor.class.getName())
            .start();
    long child =
        Long.parseLong(
            new String(supervisor.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
    assertThat(supervisor.waitFor()).isEqualTo(137);
    var orphan = ProcessHandle.of(child);
    if (orphan.isPresent()) {
      assertThat(orphan.get().onExit().get(60, TimeUnit.SECONDS)).isNotNull();
    }
    assertThat(ProcessHandle.of(child).filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void aGoodByeLeavesTheProgramsAlone() throws Exception {
    Process child = new ProcessBuilder("sleep", LONG_SLEEP).start();
    try {
      Guard guard = Guard.start();
      guard.program(child.pid());
      guard.close();
      assertThat(guard.awaitExit()).isZero();
      assertThat(child.isAlive()).isTrue();
    } finally {
      child.destroyForcibly();
    }
  }
}
