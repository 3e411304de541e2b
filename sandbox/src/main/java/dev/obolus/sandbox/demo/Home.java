// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a demo finds the programs ({@code checkout}) and keeps its things ({@code data}).
 *
 * <p>A folder is either empty or complete: the database and the keys that open it are made in one
 * order, so that one without the other is recognised.
 */
record Home(Path checkout, Path data) {
  static final String OWNER = "obolus_owner";
  static final String GATEWAY = "obolus_gateway";
  static final String CONSOLE = "obolus_console";
  static final String SOURCE_OWNER = "sandbox_owner";

  Home {
    checkout = checkout.toAbsolutePath().normalize();
    data = data.toAbsolutePath().normalize();
  }

  /** Data as given, from where the caller stands; else the checkout's own. */
  static Home of(Path checkout, @Nullable Path data) {
    return new Home(checkout, data == null ? checkout.resolve(".obolus") : data);
  }

  Path cluster() {
    return data.resolve("pg");
  }

  /** The stand-in data plane's own database: another server than the log's. */
  Path source() {
    return sandbox().resolve("pg");
  }

  Path keys() {
    return data.resolve("keys");
  }

  Path sandbox() {
    return data.resolve("sandbox");
  }

  Path logs() {
    return data.resolve("logs");
  }

  Path runFile() {
    return data.resolve("run.json");
  }

  Path rootKey() {
    return keys().resolve("root.key");
  }

  /** The key that checkpoints are signed with; its public part lies beside it. */
  Path checkpointKey() {
    return keys().resolve("checkpoint.key");
  }

  /** What an auditor gets. */
  Path publicKeys() {
    return keys().resolve("checkpoint.pub");
  }

  Path password(String role) {
    return keys().resolve(role + ".password");
  }

  /** Makes the folders, and the keys for a first start; or says what a half-written one lacks. */
  void prepare() throws IOException, DemoFault {
    requireComplete();
    for (Path folder : List.of(data, keys(), sandbox(), logs())) {
      Files.createDirectories(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
    Secrets.ensure(rootKey());
    Secrets.ensure(keys().resolve("value.key"));
    for (String role :
        List.of("postgres", "sandbox_postgres", OWNER, GATEWAY, CONSOLE, SOURCE_OWNER)) {
      Secrets.ensure(password(role));
    }
  }

  private void requireComplete() throws IOException, DemoFault {
    if (!Files.exists(cluster())) {
      return;
    }
    for (Path needed : List.of(cluster().resolve("PG_VERSION"), rootKey(), password("postgres"))) {
      if (!Files.exists(needed) || Files.size(needed) == 0) {
        throw new DemoFault(
            data
                + " is incomplete ("
                + data.relativize(needed)
                + " is missing), so its log cannot be opened any more. Start over with: rm -rf "
                + data);
      }
    }
  }
}
