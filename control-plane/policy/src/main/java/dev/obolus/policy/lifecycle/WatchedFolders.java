// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.lifecycle;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The Rego and JSON below some folders, by size and time of change. Looked at from time to time,
 * because a folder may be reached by a symbolic link and not every system reports changes.
 */
final class WatchedFolders {
  private static final int DEPTH = 8;
  private final List<Path> folders;

  WatchedFolders(List<Path> folders) {
    this.folders = List.copyOf(folders);
  }

  /** Equal to the one before if nothing was saved in between. */
  Map<Path, String> look() throws IOException {
    Map<Path, String> seen = new TreeMap<>();
    for (Path folder : folders) {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.walk(folder, DEPTH, FileVisitOption.FOLLOW_LINKS)) {
          for (Path file : files.filter(WatchedFolders::matters).toList()) {
            seen.put(file, stamp(file));
          }
        }
      }
    }
    return seen;
  }

  private static boolean matters(Path file) {
    String name = file.getFileName().toString();
    return !name.startsWith(".") && (name.endsWith(".rego") || name.endsWith(".json"));
  }

  private static String stamp(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return attributes.size() + "@" + attributes.lastModifiedTime();
  }
}
