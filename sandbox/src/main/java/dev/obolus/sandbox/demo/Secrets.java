// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;

/** Random secrets in files that only their owner reads; never half-written. */
final class Secrets {
  private static final int BYTES = 32;

  private Secrets() {}

  /** Makes the secret unless it is there. */
  static void ensure(Path file) throws IOException {
    if (Files.exists(file)) {
      return;
    }
    byte[] random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(fresh, HexFormat.of().formatHex(random));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  static String read(Path file) throws IOException {
    return Files.readString(file).strip();
  }
}
