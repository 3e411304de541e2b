// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.obolus.sandbox.postgres.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * What {@code ./obolus demo} starts, on free ports and a folder of its own, without the scripted
 * agents: the supervisor and all its processes.
 */
final class RunningDemo implements AutoCloseable {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path data;
  private final Process supervisor;
  private final JsonNode run;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Map<String, String> tokens = new ConcurrentHashMap<>();

  /** An answer; {@code json} is missing if the body is none. */
  record Answer(int status, String body) {
    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (JacksonException e) {
        return MissingNode.getInstance();
      }
    }

    String code() {
      return json().path("code").asString("");
    }

    List<String> reasons() {
      List<String> codes = new ArrayList<>();
      json().path("reasons").forEach(reason -> codes.add(reason.path("code").asString("")));
      return codes;
    }
  }

  /** A stored record, as its search columns say. */
  record Stored(
      String chain,
      long seq,
      String event,
      String effect,
      String decisionId,
      List<String> reasons,
      String person) {}

  private RunningDemo(Path data, Process supervisor, JsonNode run) {
    this.data = data;
    this.supervisor = supervisor;
    this.run = run;
  }

  /** One for all tests that leave it as they found it; ended with the JVM. */
  static RunningDemo shared() {
    return Shared.DEMO;
  }

  /** Started once; if that fails, every test that wants it fails at once. */
  private static final class Shared {
    static final RunningDemo DEMO = start();

    static {
      Runtime.getRuntime().addShutdownHook(new Thread(DEMO::close));
    }
  }

  static RunningDemo start() {
    try {
      return start(Files.createTempDirectory("obolus-e2e-"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts on a folder, which may hold an earlier demo's data. */
  static RunningDemo start(Path data) {
    try {
      Path said = data.resolve("said.txt");
      Process supervisor =
          new ProcessBuilder(
                  supervisorCommand(
                      "demo",
                      "--data",
                      data.toString(),
                      "--quiet",
                      "--gateway-port",
                      "0",
                      "--console-port",
                      "0",
                      "--sandbox-port",
                      "0"))
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      try {
        until(() -> {
          assertThat(supervisor.isAlive()).as(Files.readString(said)).isTrue();
          return Files.readString(said).contains("Ready.");
        });
      } catch (AssertionError e) {
        supervisor.destroy();
        throw e;
      }
      return new RunningDemo(
          data, supervisor, JSON.readTree(Files.readString(data.resolve("run.json"))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How the launcher calls the supervisor. */
  static List<String> supervisorCommand(String command, String... arguments) {
    List<String> full =
        new ArrayList<>(
            List.of(
                java(),
                "-cp",
                jar("sandbox/target", "obolus-sandbox-", "SNAPSHOT.jar").toString(),
                "dev.obolus.sandbox.demo.DemoMain",
                command,
                "--home",
                ROOT.toString()));
    full.addAll(List.of(arguments));
    return full;
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  static Path jar(String folder, String prefix, String suffix) {
    try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(prefix))
          .filter(file -> file.getFileName().toString().endsWith(suffix))
          .findFirst()
          .orElseThrow(
              () -> new IllegalStateException("not packaged: " + folder + "; run mvn verify"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path data() {
    return data;
  }

  Process supervisor() {
    return supervisor;
  }

  String url(String part) {
    return run.path(part).path("url").asString();
  }

  ProcessHandle process(String part) {
    return ProcessHandle.of(run.path(part).path("pid").asLong()).orElseThrow();
  }

  String token(String who) {
    return token(who, "finance-copilot");
  }

  String token(String who, String agent) {
    return tokens.computeIfAbsent(
        who + " " + agent,
        any -> {
          Answer answer =
              post(
                  url("sandbox") + "/sandbox/token",
                  null,
                  JSON.writeValueAsString(Map.of("who", who, "agent", agent)));
          assertThat(answer.status()).as(answer.body()).isEqualTo(200);
          return answer.json().path("access_token").asString();
        });
  }

  /** A structured query with the purpose that alice may give. */
  Answer query(String who, String table, String... columns) {
    return ask(who, queryBody(table, columns));
  }

  static String queryBody(String table, String... columns) {
    return JSON.writeValueAsString(
        Map.of(
            "connector",
            "databricks-sales",
            "operation",
            "query",
            "purpose",
            "quarterly-report",
            "arguments",
            Map.of("table", table, "columns", List.of(columns), "limit", 50)));
  }

  Answer sql(String who, String statement) {
    return ask(
        who,
        JSON.writeValueAsString(
            Map.of(
                "connector",
                "databricks-sales",
                "operation",
                "sql",
                "purpose",
                "quarterly-report",
                "arguments",
                Map.of("statement", statement))));
  }

  Answer ask(String who, String body) {
    return post(url("gateway") + "/v1/requests", token(who), body);
  }

  Answer get(String url) {
    return send(HttpRequest.newBuilder(URI.create(url)).GET());
  }

  Answer post(String url, @Nullable String bearer, String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    if (bearer != null) {
      request.header("Authorization", "Bearer " + bearer);
    }
    return send(request);
  }

  private Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response =
          http.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Everything that the stand-in data plane was asked, newest last. */
  JsonNode journal() {
    return get(url("sandbox") + "/sandbox/journal").json();
  }

  /** The records of a decision, in their order. */
  List<Stored> recordsOf(String decisionId) {
    return stored("decision_id = ?", decisionId);
  }

  /** The leaf of a stored record, in hex. */
  Optional<String> leaf(String chain, long seq) {
    try (Connection connection = asSuperuser();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT encode(leaf, 'hex') FROM obolus.audit_record"
                    + " WHERE encode(chain, 'hex') = ? AND seq = ?")) {
      statement.setString(1, chain.replace("-", ""));
      statement.setLong(2, seq);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How many records of a kind there are. */
  long count(String event) {
    return stored("event = ?", event).size();
  }

  private List<Stored> stored(String where, String value) {
    String query =
        "SELECT encode(chain, 'hex'), seq, event, coalesce(effect, ''), coalesce(decision_id, ''),"
            + " reasons, person FROM obolus.audit_record WHERE "
            + where
            + " ORDER BY at_us, seq";
    try (Connection connection = asSuperuser();
        PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, value);
      try (ResultSet rows = statement.executeQuery()) {
        List<Stored> found = new ArrayList<>();
        while (rows.next()) {
          found.add(
              new Stored(
                  rows.getString(1),
                  rows.getLong(2),
                  rows.getString(3),
                  rows.getString(4),
                  rows.getString(5),
                  List.of((String[]) rows.getArray(6).getArray()),
                  rows.getString(7)));
        }
        return found;
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A connection with all rights, as whoever owns the machine has. */
  Connection asSuperuser() throws SQLException {
    try {
      return DriverManager.getConnection(
          "jdbc:" + url("database"),
          "postgres",
          Files.readString(data.resolve("keys/postgres.password")).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void stopDatabase() {
    ProcessHandle postmaster = process("database");
    signal("INT", postmaster.pid());
    until(() -> !postmaster.isAlive());
  }

  @CanIgnoreReturnValue
  PostgresServer startDatabase() {
    try {
      return PostgresServer.start(
          data.resolve("pg"),
          URI.create(url("database")).getPort(),
          data.resolve("keys/postgres.password"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean ready() {
    return get(url("gateway") + "/actuator/health/readiness").status() == 200;
  }

  /** {@code obolus audit verify}, as the launcher runs it. */
  Verified verify() {
    return run(
        supervisorCommand(
            "with-database",
            "--data",
            data.toString(),
            "--",
            java(),
            "-jar",
            jar("control-plane/cli/target", "obolus-cli-", "SNAPSHOT.jar").toString(),
            "audit",
            "verify"));
  }

  /** The doctor's word on this demo. */
  Verified doctor() {
    return run(supervisorCommand("doctor", "--data", data.toString()));
  }

  private static Verified run(List<String> command) {
    try {
      Process program = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(program.getInputStream().readAllBytes(), UTF_8);
      return new Verified(program.waitFor(), said);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** What the command said, and how it ended. */
  record Verified(int exit, String said) {}

  static void signal(String name, long pid) {
    try {
      assertThat(new ProcessBuilder("kill", "-s", name, Long.toString(pid)).start().waitFor())
          .isZero();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  interface Condition {
    boolean holds() throws IOException;
  }

  static void until(Condition condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (!condition.holds()) {
        assertThat(System.nanoTime() < end).as("still waiting").isTrue();
        Thread.sleep(50);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Ends it as Ctrl-C does; its data stays. */
  void end() {
    supervisor.destroy();
    try {
      assertThat(supervisor.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    end();
    try (Stream<Path> tree = Files.walk(data)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
