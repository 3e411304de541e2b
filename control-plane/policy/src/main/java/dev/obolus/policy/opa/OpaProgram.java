// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.opa;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The real {@code opa}, run as a program. Its output is read on virtual threads; at most two run at
 * a time. Blocks the caller: not for an event loop.
 */
public final class OpaProgram {
  private static final Pattern VERSION = Pattern.compile("Version: (\\d+)\\.(\\d+)\\.(\\d+)");
  private static final List<Integer> OLDEST = List.of(1, 22, 0);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Semaphore AT_ONCE = new Semaphore(2);
  private static final ExecutorService READERS =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("opa-output-", 0).factory());

  private final Path program;

  private OpaProgram(Path program) {
    this.program = program.toAbsolutePath().normalize();
  }

  /**
   * What it left behind.
   *
   * @param status 0 for success
   */
  public record Run(int status, String out, String err) {
    public boolean succeeded() {
      return status == 0;
    }
  }

  public static OpaProgram at(Path program) {
    return new OpaProgram(program);
  }

  /**
   * {@code OBOLUS_OPA}, then {@code .tools/opa} below this folder, then the path; 1.22.0 or newer.
   */
  public static Optional<OpaProgram> find(Map<String, String> environment, Path root) {
    Optional<OpaProgram> named =
        Optional.ofNullable(environment.get("OBOLUS_OPA")).map(Path::of).map(OpaProgram::new);
    if (named.isPresent()) {
      return named.filter(OpaProgram::recent);
    }
    Stream<Path> onPath =
        Arrays.stream(environment.getOrDefault("PATH", "").split(File.pathSeparator, -1))
            .filter(folder -> !folder.isBlank())
            .map(folder -> Path.of(folder, "opa"));
    return Stream.concat(Stream.of(root.resolve(".tools/opa")), onPath)
        .filter(Files::isExecutable)
        .map(OpaProgram::new)
        .filter(OpaProgram::recent)
        .findFirst();
  }

  private boolean recent() {
    try {
      Matcher version = VERSION.matcher(run(Path.of("."), "version").out());
      if (!version.find()) {
        return false;
      }
      for (int i = 0; i < OLDEST.size(); i++) {
        int part = Integer.parseInt(version.group(i + 1));
        if (part != OLDEST.get(i)) {
          return part > OLDEST.get(i);
        }
      }
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /** Runs it in this folder. */
  public Run run(Path folder, String... arguments) throws IOException {
    return run(folder, List.of(arguments));
  }

  /**
   * @throws IOException where it cannot be started, or does not end
   */
  public Run run(Path folder, List<String> arguments) throws IOException {
    return run(program, folder, arguments);
  }

  static Run run(Path program, Path folder, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(arguments);
    AT_ONCE.acquireUninterruptibly();
    try {
      return wait(new ProcessBuilder(command).directory(folder.toFile()).start());
    } finally {
      AT_ONCE.release();
    }
  }

  private static Run wait(Process process) throws IOException {
    try {
      process.getOutputStream().close();
      Future<String> out = READERS.submit(() -> text(process.getInputStream().readAllBytes()));
      Future<String> err = READERS.submit(() -> text(process.getErrorStream().readAllBytes()));
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("opa does not end");
      }
      return new Run(
          process.exitValue(), out.get(10, TimeUnit.SECONDS), err.get(10, TimeUnit.SECONDS));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while opa ran");
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("what opa said cannot be read", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
