// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Holds {@code docker-compose.yml} and the images to what the documents promise. */
class DeployedShapeTest {
  private static final Path ROOT = Path.of("..");
  private static final List<String> OURS =
      List.of("migrate", "signer", "gateway-1", "gateway-2", "console", "sandbox");
  private static final JsonNode COMPOSE = compose();
  private static final Map<String, String> IMAGES = images();

  @Test
  void everyPortIsPublishedOnLoopbackOnly() {
    int published = 0;
    for (JsonNode service : COMPOSE.path("services")) {
      for (JsonNode port : service.path("ports")) {
        assertThat(port.asString()).startsWith("127.0.0.1:");
        published++;
      }
    }
    assertThat(published).isEqualTo(4);
  }

  @Test
  void everyProgramOfOursRunsWithoutRightsOnAReadOnlyFileSystem() {
    for (String name : OURS) {
      JsonNode service = COMPOSE.path("services").path(name);
      assertThat(service.path("read_only").asBoolean(false)).as(name).isTrue();
      assertThat(service.path("cap_drop").path(0).asString("")).as(name).isEqualTo("ALL");
      assertThat(service.path("security_opt").path(0).asString(""))
          .as(name)
          .isEqualTo("no-new-privileges:true");
    }
  }

  @Test
  void noSecretIsInAnEnvironmentOrACommand() {
    for (Map.Entry<String, JsonNode> service : COMPOSE.path("services").properties()) {
      String given =
          service.getValue().path("environment") + " " + service.getValue().path("command");
      matches("(?i)(password|secret|key)[a-z_-]*[\"=: ]+([^\",]+)", given)
          .forEach(found -> assertThat(found.group(2)).as(service.getKey()).startsWith("/"));
    }
  }

  /** Keys and who may have them: the program that makes them, and those that need them. */
  @Test
  void onlyTheSignerHoldsTheLogsKeysAndEachGatewayItsOwnEnrolment() {
    Map<String, List<String>> holders =
        Map.of(
            "root-keys", List.of("keys", "signer"),
            "checkpoint-keys", List.of("keys", "checkpoint-key", "signer"),
            "enrolments", List.of("keys", "signer"),
            "gateway-1-enrolment", List.of("keys", "gateway-1"),
            "gateway-2-enrolment", List.of("keys", "gateway-2"),
            "gateway-keys", List.of("keys", "signer", "gateway-1", "gateway-2"));
    for (Map.Entry<String, JsonNode> service : COMPOSE.path("services").properties()) {
      List<String> mounted = new ArrayList<>();
      for (JsonNode volume : service.getValue().path("volumes")) {
        mounted.add(volume.asString().replaceFirst(":.*", ""));
      }
      holders.forEach((volume, services) ->
          assertThat(mounted.contains(volume))
              .as(service.getKey() + " mounts " + volume)
              .isEqualTo(services.contains(service.getKey())));
    }
  }

  /** What the programs read is there: settings name files under the folders that are mounted. */
  @Test
  void everyKeyThatSettingsNameIsMounted() throws IOException {
    Map<String, String> readers =
        Map.of("gateway", "gateway-1", "signer", "signer", "console", "console");
    for (String folder : List.of("demo", "example")) {
      for (Map.Entry<String, String> reader : readers.entrySet()) {
        String volumes =
            COMPOSE.path("services").path(reader.getValue()).path("volumes").toString();
        Path settings =
            ROOT.resolve("distribution/compose/" + folder + "/" + reader.getKey() + ".yaml");
        matches("(?:-file|enrolments): (/[a-z-]+)", Files.readString(settings))
            .forEach(
                file -> assertThat(volumes).as(settings.toString()).contains(":" + file.group(1)));
      }
    }
  }

  @Test
  void theSandboxIsThereForTheDemoOnly() {
    assertThat(COMPOSE.path("services").path("sandbox").path("profiles").path(0).asString(""))
        .isEqualTo("demo");
    for (String name : List.of("gateway-1", "gateway-2", "console")) {
      JsonNode sandbox = COMPOSE.path("services").path(name).path("depends_on").path("sandbox");
      assertThat(sandbox.path("required").asBoolean(true)).as(name).isFalse();
    }
  }

  @Test
  void nothingStartsOnSettingsThatNobodyNamed() {
    for (String name : List.of("gateway-1", "gateway-2", "console")) {
      String volumes = COMPOSE.path("services").path(name).path("volumes").toString();
      assertThat(volumes)
          .as(name)
          .contains("${OBOLUS_SETTINGS:?", "--env-file distribution/compose/demo.env")
          .doesNotContain("OBOLUS_SETTINGS:-");
    }
    assertThat(demo("COMPOSE_PROFILES")).isEqualTo("demo");
  }

  @Test
  void healthChecksSpeakWhatTheListenersSpeak() throws IOException {
    for (String program : List.of("gateway", "console")) {
      String service = program.equals("gateway") ? "gateway-1" : program;
      JsonNode check = COMPOSE.path("services").path(service).path("healthcheck").path("test");
      assertThat(check.path(1).asString("")).isEqualTo("answers-ready");
      assertThat(check.path(2).asString("")).isEqualTo("${OBOLUS_SCHEME:-https}");
      assertThat(
              Files.readString(ROOT.resolve("distribution/compose/example/" + program + ".yaml")))
          .contains("  ssl:\n", "port: " + check.path(3).asString(""));
      assertThat(Files.readString(ROOT.resolve("distribution/compose/demo/" + program + ".yaml")))
          .doesNotContain("ssl:")
          .contains("port: " + check.path(3).asString(""));
    }
    assertThat(demo("OBOLUS_SCHEME")).isEqualTo("http");
  }

  @Test
  void theDatabaseIsDurable() {
    assertThat(COMPOSE.path("services").path("postgres").path("command").toString())
        .contains("fsync=on", "synchronous_commit=on", "full_page_writes=on");
  }

  @Test
  void everyImageIsBuiltForAServiceAndRunsAsNobodyInParticular() {
    assertThat(IMAGES.keySet()).contains("run", "gateway", "console", "cli", "sandbox");
    assertThat(IMAGES.get("run")).contains("USER 10001:10001");
    for (String target : List.of("gateway", "console", "cli", "sandbox")) {
      assertThat(IMAGES.get(target)).as(target).contains("HEALTHCHECK").contains("ENTRYPOINT [");
      assertThat(IMAGES.get(target)).as(target).doesNotContain("USER ");
    }
    for (String name : OURS) {
      if (name.equals("signer")) {
        continue; // runs the gateway's image
      }
      JsonNode build = COMPOSE.path("services").path(name).path("build");
      assertThat(IMAGES).containsKey(build.path("target").asString(""));
      assertThat(ROOT.resolve(build.path("dockerfile").asString(""))).isRegularFile();
    }
  }

  @Test
  void whatSeldomChangesLiesBelowWhatOftenDoes() {
    for (String target : List.of("gateway", "console")) {
      assertThat(IMAGES.get(target))
          .containsSubsequence(
              "/dependencies/", "/spring-boot-loader/", "/snapshot-dependencies/", "/application/");
    }
  }

  @Test
  void everyFileThatIsMountedIsThere() {
    for (JsonNode service : COMPOSE.path("services")) {
      for (JsonNode volume : service.path("volumes")) {
        String source =
            volume
                .asString()
                .replaceAll("\\$\\{OBOLUS_SETTINGS:[^}]*}", demo("OBOLUS_SETTINGS"))
                .replaceFirst(":.*", "");
        if (source.startsWith("./")) {
          assertThat(ROOT.resolve(source)).exists();
        } else {
          assertThat(COMPOSE.path("volumes").has(source)).as(source).isTrue();
        }
      }
    }
  }

  /** What the demo's environment file says. */
  private static String demo(String name) {
    try (var lines = Files.lines(ROOT.resolve("distribution/compose/demo.env"))) {
      return lines
          .filter(line -> line.startsWith(name + "="))
          .map(line -> line.substring(name.length() + 1))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode compose() {
    try {
      Object read = new Yaml().load(Files.readString(ROOT.resolve("docker-compose.yml")));
      return JsonMapper.builder().build().valueToTree(read);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Each stage of the Dockerfile by its name. */
  private static Map<String, String> images() {
    try {
      String file = Files.readString(ROOT.resolve("distribution/images/Dockerfile"));
      Map<String, String> stages = new TreeMap<>();
      for (String stage :
          Pattern.compile("^(?=FROM )", Pattern.MULTILINE).splitAsStream(file).toList()) {
        matches("^FROM \\S+ AS (\\S+)", stage)
            .forEach(found -> stages.put(found.group(1).toLowerCase(Locale.ROOT), stage));
      }
      return stages;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<MatchResult> matches(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().toList();
  }
}
