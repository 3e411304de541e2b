// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.azure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** A file that nobody but its owner may read. */
final class OwnersFile {
  private static final Set<PosixFilePermission> OWNERS =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private OwnersFile() {}

  static String read(Path file) throws IOException {
    if (!OWNERS.containsAll(Files.getPosixFilePermissions(file))) {
      throw new AppTokenFailure.Unusable("others may read " + file + ": chmod 600");
    }
    String text = Files.readString(file).strip();
    if (text.isEmpty()) {
      throw new AppTokenFailure.Unusable(file + " is empty");
    }
    return text;
  }
}
