// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import dev.obolus.sandbox.postgres.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Runs another program with the demo's database at hand: the running demo's, or one started for as
 * long as the program takes. The program learns where it is from its environment, never a secret:
 * passwords and the root key are named as files.
 */
@Command(name = "with-database", hidden = true)
final class WithDatabaseCommand implements Callable<Integer> {
  private static final Set<String> WITHOUT_DATABASE =
      Set.of("--url", "--gateway", "--help", "-h", "--evidence", "--tiles", "--proof", "keygen");

  @Option(names = "--home", required = true)
  private Path home = Path.of("");

  @Option(names = "--data")
  private @Nullable Path data;

  @Parameters(arity = "1..*")
  private List<String> program = List.of();

  /** Whether it names a database of its own, or works on a file or through a gateway. */
  static boolean needsNoDatabase(List<String> program) {
    return program.stream()
        .map(word -> word.startsWith("--") ? word.replaceFirst("=.*", "") : word)
        .anyMatch(WITHOUT_DATABASE::contains);
  }

  @Override
  public Integer call() throws IOException, DemoFault, InterruptedException {
    if (needsNoDatabase(program)) {
      return run(Map.of());
    }
    Home place = Home.of(home, data);
    if (!Files.exists(place.cluster())) {
      throw new DemoFault(
          "no data in " + place.data() + " yet; start a demo, or name a database with --url");
    }
    Optional<HomeLock> lock = HomeLock.tryTake(place);
    if (lock.isEmpty()) {
      RunFile running =
          RunFile.read(place)
              .orElseThrow(
                  () -> new DemoFault("a demo is starting or ending; try again in a moment"));
      return run(environment(place, URI.create(running.database().url())));
    }
    try (HomeLock _ = lock.get()) {
      place.prepare();
      try (PostgresServer server = Database.startLog(place, 0);
          Guard guard = Guard.start()) {
        guard.database(server.pid());
        return run(
            environment(
                place,
                URI.create(
                    "postgresql://" + server.host() + ":" + server.port() + "/" + Database.LOG)));
      }
    }
  }

  private static Map<String, String> environment(Home home, URI database) {
    Map<String, String> environment = new HashMap<>();
    if (Files.exists(home.publicKeys())) {
      environment.put("OBOLUS_PUBLIC_KEYS_FILE", home.publicKeys().toString());
    }
    environment.putAll(files(home, database));
    return environment;
  }

  private static Map<String, String> files(Home home, URI database) {
    return Map.of(
        "OBOLUS_DATABASE_URL",
        "jdbc:" + database,
        "OBOLUS_DATABASE_USER",
        Home.GATEWAY,
        "OBOLUS_DATABASE_PASSWORD_FILE",
        home.password(Home.GATEWAY).toString(),
        "OBOLUS_ROOT_KEY_FILE",
        home.rootKey().toString());
  }

  private int run(Map<String, String> environment) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(program).inheritIO();
    builder.environment().putAll(environment);
    return builder.start().waitFor();
  }
}
