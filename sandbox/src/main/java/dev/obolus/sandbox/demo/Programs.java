// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;

/** The built programs of a checkout, or of an installation laid out like one. */
record Programs(Path gateway, Path console, Path sandbox, Path cli) {

  static Programs in(Path checkout) throws IOException, DemoFault {
    return new Programs(
        unpacked(jar(checkout.resolve("distribution/target"), "obolus-distribution-", "-app.jar")),
        unpacked(jar(checkout.resolve("console/target"), "obolus-console-", "-app.jar")),
        jar(checkout.resolve("sandbox/target"), "obolus-sandbox-", "SNAPSHOT.jar"),
        jar(checkout.resolve("control-plane/cli/target"), "obolus-cli-", "SNAPSHOT.jar"));
  }

  /** The same program with its libraries beside it: it starts in half the time. */
  private static Path unpacked(Path jar) throws IOException, DemoFault {
    Path folder = jar.resolveSibling("app");
    Path program = folder.resolve(jar.getFileName());
    Path done = folder.resolve("unpacked");
    String built = fingerprint(jar);
    if (!Files.exists(done) || !Files.readString(done).equals(built)) {
      Trees.delete(folder);
      Child.start(
              "unpacking",
              Child.java(
                  "-Djarmode=tools",
                  "-jar",
                  jar.toString(),
                  "extract",
                  "--destination",
                  folder.toString()),
              jar.resolveSibling("unpacking.log"))
          .awaitSuccess();
      Files.writeString(done, built);
    }
    return program;
  }

  /** By content: a build gives each of its files the same time. */
  private static String fingerprint(Path jar) throws IOException {
    var crc = new CRC32();
    try (InputStream in = Files.newInputStream(jar);
        OutputStream out = new CheckedOutputStream(OutputStream.nullOutputStream(), crc)) {
      long size = in.transferTo(out);
      return "%d %08x".formatted(size, crc.getValue());
    }
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
