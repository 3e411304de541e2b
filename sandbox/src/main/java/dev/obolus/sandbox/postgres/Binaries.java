// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, unpacked once per user and version into a cache of the user's own. */
final class Binaries {
  private static final String CACHE_PROPERTY = "obolus.postgres.cache";

  private Binaries() {}

  /** The folder that holds {@code bin}, {@code lib} and {@code share}. */
  static Path unpacked() throws IOException {
    String archive = archiveName();
    Path home = cache().resolve("postgres-" + digest(archive).substring(0, 16));
    if (!Files.isExecutable(home.resolve("bin/postgres"))) {
      unpack(archive, home);
    }
    return home;
  }

  private static Path cache() throws IOException {
    String named = System.getProperty(CACHE_PROPERTY);
    Path cache =
        named != null
            ? Path.of(named)
            : Path.of(System.getProperty("user.home"), ".cache", "obolus");
    return Files.createDirectories(cache);
  }

  private static String archiveName() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return "/postgres-"
        + (system.startsWith("mac") ? "darwin" : "linux")
        + (machine.equals("aarch64") ? "-arm_64" : "-x86_64")
        + ".txz";
  }

  private static InputStream open(String archive) throws IOException {
    InputStream stream = Binaries.class.getResourceAsStream(archive);
    if (stream == null) {
      throw new IOException("no PostgreSQL for this platform: " + archive + " is not packaged");
    }
    return new BufferedInputStream(stream);
  }

  private static String digest(String archive) throws IOException {
    try (InputStream in = open(archive)) {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        sha256.update(buffer, 0, n);
      }
      return HexFormat.of().formatHex(sha256.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Unpacks beside the target, then renames: another process may be doing the same. */
  private static void unpack(String archive, Path home) throws IOException {
    Path parent = home.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IOException("no folder to unpack PostgreSQL into: " + home);
    }
    Path fresh = Files.createTempDirectory(parent, "unpacking-");
    try (InputStream in = open(archive);
        TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(in))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        place(entry, tar, fresh);
      }
    }
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
    try {
      Files.move(fresh, home);
    } catch (IOException e) {
      deleteTree(fresh);
      if (!Files.isExecutable(home.resolve("bin/postgres"))) {
        throw e;
      }
    }
  }

  private static void place(TarArchiveEntry entry, InputStream content, Path root)
      throws IOException {
    Path target = root.resolve(entry.getName()).normalize();
    if (!target.startsWith(root)) {
      throw new IOException("the archive reaches outside its folder: " + entry.getName());
    }
    if (entry.isDirectory()) {
      Files.createDirectories(target);
      return;
    }
    Path parent = target.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
    } else {
      Files.copy(content, target);
      boolean program = (entry.getMode() & 0100) != 0;
      Files.setPosixFilePermissions(
          target, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
    }
  }

  /** Deletes a folder and what is in it; fine if it is not there. */
  static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
