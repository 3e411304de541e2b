// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One supervisor a data folder: held as long as it lives, released by the system if it is killed.
 */
final class HomeLock implements AutoCloseable {
  private final FileChannel channel;

  private HomeLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Empty if another process holds it. */
  static Optional<HomeLock> tryTake(Home home) throws IOException {
    Files.createDirectories(home.data());
    FileChannel channel =
        FileChannel.open(
            home.data().resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    @Nullable FileLock lock = channel.tryLock();
    if (lock == null) {
      channel.close();
      return Optional.empty();
    }
    return Optional.of(new HomeLock(channel));
  }

  static HomeLock take(Home home) throws IOException, DemoFault {
    Optional<HomeLock> lock = tryTake(home);
    if (lock.isEmpty()) {
      throw new DemoFault(
          "a demo already runs on "
              + home.data()
              + RunFile.read(home)
                  .map(run -> " (gateway at " + run.gateway().url() + ")")
                  .orElse("")
              + "; end it first, or give this one another folder with --data");
    }
    return lock.get();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
