// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.signin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Reads a secret from a file that nobody else may read. */
public final class SecretFile {
  private static final Set<PosixFilePermission> OWNER =
      Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private SecretFile() {}

  /** The file's text without the line end; fails with a sentence that names the file. */
  public static String read(Path file) {
    try {
      var permissions = Files.getPosixFilePermissions(file);
      if (!OWNER.containsAll(permissions)) {
        throw new IllegalStateException(
            "the secret "
                + file
                + " can be used by others ("
                + PosixFilePermissions.toString(permissions)
                + "): chmod 600 it");
      }
      var secret = Files.readString(file).strip();
      if (secret.isEmpty()) {
        throw new IllegalStateException("the secret " + file + " is empty");
      }
      return secret;
    } catch (IOException unreadable) {
      throw new IllegalStateException("the secret " + file + " cannot be read", unreadable);
    }
  }
}
