// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFileTest {
  @TempDir Path folder;

  private static RunFile run(long supervisor) {
    return new RunFile(
        supervisor,
        new RunFile.Part(1, "http://127.0.0.1:8080"),
        new RunFile.Part(2, "http://127.0.0.1:8081"),
        new RunFile.Part(3, "http://127.0.0.1:8082"),
        new RunFile.Part(4, "postgresql://127.0.0.1:5432/obolus"),
        new RunFile.Part(5, "postgresql://127.0.0.1:5433/main"));
  }

  @Test
  void aRunningDemoIsFound() throws Exception {
    Home home = new Home(folder, folder);
    run(ProcessHandle.current().pid()).write(home);
    assertThat(RunFile.read(home)).contains(run(ProcessHandle.current().pid()));
  }

  @Test
  void theFileOfASupervisorThatIsGoneSaysNothing() throws Exception {
    Home home = new Home(folder, folder);
    Process gone = new ProcessBuilder("true").start();
    assertThat(gone.waitFor()).isZero();
    run(gone.pid()).write(home);
    assertThat(RunFile.read(home)).isEmpty();
  }

  @Test
  void aHalfWrittenFileSaysNothing() throws Exception {
    Home home = new Home(folder, folder);
    Files.writeString(home.runFile(), "{\"supervisor\":");
    assertThat(RunFile.read(home)).isEmpty();
  }
}
