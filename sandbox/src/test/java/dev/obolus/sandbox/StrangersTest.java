// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Microsoft's clients for other languages, unpatched, over https: sign-in, refresh, on behalf of,
 * step-up, client credentials. Each is fetched from its registry with pinned versions and hashes
 * into {@code target/strangers}; one that cannot be fetched is a failure, but for somebody who says
 * {@code OBOLUS_OFFLINE=1} outside of CI. Their configuration is theirs: no instance discovery, a
 * known authority, a certificate authority to trust.
 */
class StrangersTest {
  private static final Path SOURCES = Path.of("src/test/strangers").toAbsolutePath();
  private static final Path TARGET = Path.of("target/strangers").toAbsolutePath();

  @TempDir static Path data;
  private static Sandbox sandbox;

  @BeforeAll
  static void start() throws Exception {
    sandbox = SandboxDatabase.start(TestPostgres.own(), data);
    var _ =
        sandbox.entra().rules().add(Map.of("user", "bob", "resource", "databricks", "then", "mfa"));
  }

  @AfterAll
  static void stop() throws Exception {
    sandbox.close();
  }

  @Test
  void msalForPythonDoesAllOfIt() throws Exception {
    Path room = TARGET.resolve("python");
    Path python = room.resolve("bin/python");
    fetch(List.of("python3", "-m", "venv", room.toString()), SOURCES);
    fetch(
        List.of(
            python.toString(),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            SOURCES.resolve("python/requirements.txt").toString()),
        SOURCES);
    JsonNode got = run(List.of(python.toString(), SOURCES + "/python/stranger.py"), SOURCES);
    assertGot(got);
    assertThat(got.path("challenged").path("error").asString()).isEqualTo("interaction_required");
  }

  @Test
  void msalForNodeDoesAllOfIt() throws Exception {
    Path room = TARGET.resolve("node");
    Files.createDirectories(room);
    for (String name : List.of("package.json", "package-lock.json", "stranger.js")) {
      Files.write(room.resolve(name), Files.readAllBytes(SOURCES.resolve("node/" + name)));
    }
    fetch(List.of("npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"), room);
    JsonNode got = run(List.of("node", room.resolve("stranger.js").toString()), room);
    assertGot(got);
    assertThat(got.path("challenged").path("kind").asString())
        .isEqualTo("InteractionRequiredAuthError");
    assertThat(got.path("again").path("from").asString()).isEqualTo("cache");
  }

  private static void assertGot(JsonNode got) {
    String alice = Directory.user("alice").orElseThrow().objectId();
    assertClaims(got.path("signedIn"), alice, Directory.GATEWAY);
    assertClaims(got.path("refreshed"), alice, Directory.GATEWAY);
    assertThat(got.path("account").asString()).isEqualTo("alice@contoso.example");
    assertClaims(got.path("onBehalfOf"), alice, Directory.DATABRICKS);
    assertThat(got.path("onBehalfOf").path("azp").asString()).isEqualTo(Directory.GATEWAY);
    assertThat(got.path("challenged").path("claims").asString()).contains("capolids");
    assertClaims(
        got.path("steppedUp"),
        Directory.user("bob").orElseThrow().objectId(),
        Directory.DATABRICKS);
    assertThat(got.path("application").path("idtyp").asString()).isEqualTo("app");
  }

  private static void assertClaims(JsonNode claims, String person, String audience) {
    assertThat(claims.path("oid").asString()).as(claims.toString()).isEqualTo(person);
    assertThat(claims.path("aud").asString()).isEqualTo(audience);
    assertThat(claims.path("tid").asString()).isEqualTo(Directory.TENANT);
  }

  private static JsonNode run(List<String> command, Path folder) throws Exception {
    List<String> whole =
        java.util.stream.Stream.concat(
                command.stream(),
                java.util.stream.Stream.of(
                    sandbox.httpsUrl() + "/" + Directory.TENANT, data.toString()))
            .toList();
    Ended ended = execute(whole, folder, trusting(), 120);
    assertThat(ended.code()).as(ended.output()).isZero();
    assertThat(ended.output()).doesNotContain("eyJ");
    return JsonMapper.shared()
        .readTree(
            ended
                .output()
                .lines()
                .filter(line -> line.startsWith("{"))
                .findFirst()
                .orElse(ended.output()));
  }

  private static void fetch(List<String> command, Path folder) throws Exception {
    Ended ended = execute(command, folder, Map.of(), 300);
    boolean offline = System.getenv("OBOLUS_OFFLINE") != null && System.getenv("CI") == null;
    assumeFalse(ended.code() != 0 && offline, "offline, by OBOLUS_OFFLINE");
    assertThat(ended.code()).as("cannot fetch: %s%n%s", command, ended.output()).isZero();
  }

  private record Ended(int code, String output) {}

  /** This installation's authority, and no proxy before this machine. */
  private static Map<String, String> trusting() {
    String authority = data.resolve("ca.pem").toString();
    return Map.of(
        "NODE_EXTRA_CA_CERTS", authority,
        "REQUESTS_CA_BUNDLE", authority,
        "NO_PROXY", "localhost,127.0.0.1");
  }

  private static Ended execute(
      List<String> command, Path folder, Map<String, String> environment, int seconds)
      throws IOException, InterruptedException {
    Files.createDirectories(TARGET);
    Path output = Files.createTempFile(TARGET, "output", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      var _ = process.destroyForcibly();
      return new Ended(-1, "not done after " + seconds + " s: " + command);
    }
    String text = Files.readString(output);
    Files.delete(output);
    return new Ended(process.exitValue(), text);
  }
}
