// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** What runs and where, for other commands: process ids and addresses, no secrets. */
record RunFile(
    long supervisor, Part gateway, Part console, Part sandbox, Part database, Part source) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** One process. */
  record Part(long pid, String url) {}

  void write(Home home) throws IOException {
    Path fresh = home.data().resolve("run.json.new");
    Files.writeString(fresh, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
    Files.move(fresh, home.runFile(), StandardCopyOption.ATOMIC_MOVE);
  }

  /** The running demo's file; empty if none runs. */
  static Optional<RunFile> read(Home home) throws IOException {
    if (!Files.exists(home.runFile())) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(Files.readString(home.runFile()), RunFile.class))
          .filter(run -> ProcessHandle.of(run.supervisor()).isPresent());
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  static void remove(Home home) throws IOException {
    Files.deleteIfExists(home.runFile());
  }
}
