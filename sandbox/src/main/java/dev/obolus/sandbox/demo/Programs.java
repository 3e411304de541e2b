// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The built programs of a checkout, or of an installation laid out like one. */
record Programs(Path gateway, Path console, Path sandbox, Path cli) {

  static Programs in(Path checkout) throws IOException, DemoFault {
    return new Programs(
        jar(checkout.resolve("distribution/target"), "obolus-distribution-", "-app.jar"),
        jar(checkout.resolve("console/target"), "obolus-console-", "-app.jar"),
        jar(checkout.resolve("sandbox/target"), "obolus-sandbox-", "SNAPSHOT.jar"),
        jar(checkout.resolve("control-plane/cli/target"), "obolus-cli-", "SNAPSHOT.jar"));
  }

  private static Path jar(Path folder, String prefix, String suffix) throws IOException, DemoFault {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        List<Path> found =
            files
                .filter(file -> file.getFileName().toString().startsWith(prefix))
                .filter(file -> file.getFileName().toString().endsWith(suffix))
                .toList();
        if (!found.isEmpty()) {
          return found.getFirst();
        }
      }
    }
    throw new DemoFault("not built: no " + prefix + "*" + suffix + " in " + folder);
  }
}
