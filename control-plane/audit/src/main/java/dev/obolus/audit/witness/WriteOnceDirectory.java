// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.witness;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A directory to which checkpoints are added, {@code [0-9]{19}.checkpoint}, and in which none is
 * changed; whatever else lies there is left alone. Blocks.
 */
public final class WriteOnceDirectory implements WriteOnce {
  private static final Pattern NAME = Pattern.compile("[0-9]{19}\\.checkpoint");
  private static final String UNFINISHED = ".new";
  private final Path folder;

  public WriteOnceDirectory(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
  }

  /** The file is complete under its name, or not there: it is linked when it is on disk. */
  @Override
  public void put(String name, String content) throws IOException {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("not a checkpoint's name: " + name);
    }
    Path file = folder.resolve(name);
    Path fresh = folder.resolve(name + UNFINISHED);
    try (FileChannel out =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      java.nio.ByteBuffer bytes =
          java.nio.ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        int _ = out.write(bytes);
      }
      out.force(true);
    }
    try {
      Path _ = Files.createLink(file, fresh);
    } catch (FileAlreadyExistsException e) {
      if (!Files.readString(file).equals(content)) {
        throw e;
      }
    } finally {
      Files.delete(fresh);
    }
  }

  @Override
  public Optional<String> last(Predicate<String> ours) throws IOException {
    for (Path file : newestFirst()) {
      String content = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      if (ours.test(content)) {
        return Optional.of(content);
      }
    }
    return Optional.empty();
  }

  private List<Path> newestFirst() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> NAME.matcher(file.getFileName().toString()).matches())
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .sorted(Comparator.comparing(Path::toString).reversed())
          .toList();
    }
  }
}
