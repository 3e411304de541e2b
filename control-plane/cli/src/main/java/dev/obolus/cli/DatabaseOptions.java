// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Option;

/** Which database, as whom. The password comes from a file that only its owner may read. */
final class DatabaseOptions {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  @Option(
      names = "--url",
      defaultValue = "${env:OBOLUS_DATABASE_URL}",
      description = "jdbc:postgresql://host:port/database (or OBOLUS_DATABASE_URL)")
  private String url = "";

  @Option(
      names = "--user",
      defaultValue = "${env:OBOLUS_DATABASE_USER}",
      description = "the role to connect as (or OBOLUS_DATABASE_USER)")
  private String user = "";

  @Option(
      names = "--password-file",
      defaultValue = "${env:OBOLUS_DATABASE_PASSWORD_FILE}",
      description = "a file with its password, 0600 (or OBOLUS_DATABASE_PASSWORD_FILE)")
  private Path passwordFile = Path.of("");

  String url() {
    return url;
  }

  String user() {
    return user;
  }

  /** A connection, to be closed by the caller. */
  Connection connect() throws SQLException, Unavailable {
    if (url.isEmpty() || user.isEmpty()) {
      throw new Unavailable("no database is named: --url, --user, --password-file");
    }
    return DriverManager.getConnection(url, user, password());
  }

  String password() throws Unavailable {
    try {
      if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(passwordFile))) {
        throw new Unavailable(
            "the password may be read by others; make it its owner's alone (chmod 600): "
                + passwordFile);
      }
      return Files.readString(passwordFile).strip();
    } catch (IOException e) {
      throw new Unavailable("the password cannot be read: " + passwordFile, e);
    }
  }
}
