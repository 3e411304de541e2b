// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** One of the demo's programs as a process; what it prints goes to a log file. */
final class Child implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(15);
  private static final Duration START = Duration.ofMinutes(3);
  private static final int LAST_LINES = 12;
  private static final int LAST_LINE = 600;

  private final String name;
  private final Process process;
  private final Path log;

  private Child(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  static Child start(String name, List<String> command, Path log) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(log.toFile())
            .start();
    return new Child(name, process, log);
  }

  /** The Java that runs this supervisor, with what the libraries of the programs ask of it. */
  static List<String> java(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
    command.addAll(List.of(arguments));
    return command;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits until the address answers 200, for as long as the process lives and patience lasts. */
  void awaitReady(HttpClient http, URI address) throws IOException, DemoFault {
    HttpRequest request =
        HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(5)).GET().build();
    long end = System.nanoTime() + START.toNanos();
    while (System.nanoTime() < end) {
      if (!process.isAlive()) {
        throw new DemoFault("the " + name + " ended while it started; " + lastWords());
      }
      if (answers(http, request)) {
        return;
      }
      pause();
    }
    throw new DemoFault(
        "the " + name + " was not ready after " + START.toSeconds() + " s; " + lastWords());
  }

  /** Waits for a process that ends by itself; fails if it failed. */
  void awaitSuccess() throws IOException, DemoFault {
    try {
      if (!process.waitFor(START.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new DemoFault("the " + name + " failed; " + lastWords());
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  String lastWords() throws IOException {
    List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
    return "the end of "
        + log
        + ":\n"
        + lines.stream()
            .skip(Math.max(0, lines.size() - LAST_LINES))
            .map(line -> line.substring(0, Math.min(line.length(), LAST_LINE)))
            .collect(Collectors.joining("\n"));
  }

  void kill() {
    process.destroyForcibly();
  }

  /** Ends it: asked first, killed if it does not go. */
  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(GRACE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static boolean answers(HttpClient http, HttpRequest request) throws IOException {
    try {
      return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (IOException notYet) {
      return false;
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IOException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return (IOException) new InterruptedIOException("interrupted").initCause(cause);
  }
}
