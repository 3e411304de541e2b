// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.export;

import dev.obolus.audit.ChainId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;

/** How far a stream has come, chain by chain, in a file: survives the process and the machine. */
public final class Cursor {
  private final Path file;
  private final Map<String, Long> places = new TreeMap<>();

  private Cursor(Path file) {
    this.file = file;
  }

  /** Reads it, or begins at the beginning where there is none. */
  public static Cursor in(Path file) throws IOException {
    Cursor cursor = new Cursor(file);
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        if (!line.matches("[0-9a-f]{32} [0-9]{1,18}")) {
          throw new IOException("not a cursor: " + file);
        }
        Long _ = cursor.places.put(line.substring(0, 32), Long.valueOf(line.substring(33)));
      }
    }
    return cursor;
  }

  long of(ChainId chain) {
    return places.getOrDefault(chain.toString(), 0L);
  }

  /** On disk before it returns. */
  void move(ChainId chain, long seq) throws IOException {
    Long _ = places.put(chain.toString(), seq);
    StringBuilder lines = new StringBuilder();
    places.forEach((id, at) -> lines.append(id).append(' ').append(at).append('\n'));
    Path next = file.resolveSibling(file.getFileName() + ".next");
    try (FileChannel channel =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      byte[] bytes = lines.toString().getBytes(StandardCharsets.US_ASCII);
      for (ByteBuffer left = ByteBuffer.wrap(bytes); left.hasRemaining(); ) {
        int _ = channel.write(left);
      }
      channel.force(true);
    }
    Path _ = Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
