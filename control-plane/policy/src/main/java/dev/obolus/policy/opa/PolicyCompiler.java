// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.opa;

import dev.obolus.policy.document.Catalogue;
import dev.obolus.policy.opa.Compilation.Compiled;
import dev.obolus.policy.opa.Compilation.Rejected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns a folder of Rego ({@code gateway/ org/ team/}, {@code capabilities.json}, {@code schemas/},
 * {@code fixtures/}) into a module and a reason catalogue: checked, each team kept to its own,
 * tested, compiled.
 */
public final class PolicyCompiler {
  private static final JsonMapper JSON = new JsonMapper();
  private static final List<String> ROOTS = List.of("gateway", "org", "team");
  private final OpaProgram opa;

  public PolicyCompiler(OpaProgram opa) {
    this.opa = opa;
  }

  /** Checks, tests and compiles. */
  public Compilation compile(Path sources) throws IOException {
    List<Finding> findings = check(sources);
    if (findings.isEmpty()) {
      findings = test(sources);
    }
    return findings.isEmpty() ? build(sources) : new Rejected(findings);
  }

  /** {@code opa check}, and what a team package may read. */
  public List<Finding> check(Path sources) throws IOException {
    List<String> command = new ArrayList<>(List.of("check", "--strict", "--format", "json"));
    limits(sources, command);
    command.addAll(List.of("--schema", "schemas/input-v1.schema.json"));
    command.addAll(roots(sources));
    OpaProgram.Run run = opa.run(sources, command);
    if (!run.succeeded()) {
      return errors("check", run);
    }
    return new TeamReach(opa).check(sources);
  }

  /** Files that {@code opa fmt} would write otherwise. */
  public List<Finding> format(Path sources) throws IOException {
    List<String> command = new ArrayList<>(List.of("fmt", "--list"));
    command.addAll(roots(sources));
    return opa.run(sources, command)
        .out()
        .lines()
        .filter(line -> !line.isBlank())
        .map(file -> new Finding("fmt", file, 0, 0, "is not formatted; run opa fmt -w"))
        .toList();
  }

  /** Every {@code *_test.rego}. */
  public List<Finding> test(Path sources) throws IOException {
    List<String> command = new ArrayList<>(List.of("test", "--format", "json"));
    command.addAll(roots(sources));
    command.add("fixtures");
    OpaProgram.Run run = opa.run(sources, command);
    List<Finding> failed = new ArrayList<>();
    for (JsonNode test : tree(run.out())) {
      if (test.has("fail") || test.has("error") || test.has("skip")) {
        failed.add(finding("test", test, test.path("name").asString("a test") + " fails"));
      }
    }
    return failed.isEmpty() && !run.succeeded() ? errors("test", run) : failed;
  }

  /** Ranges that no test reaches. Call it once the tests pass. */
  public List<Finding> uncovered(Path sources) throws IOException {
    List<String> command = new ArrayList<>(List.of("test", "--coverage", "--format", "json"));
    command.addAll(roots(sources));
    command.add("fixtures");
    List<Finding> findings = new ArrayList<>();
    tree(opa.run(sources, command).out())
        .path("files")
        .properties()
        .forEach(file ->
            file.getValue()
                .path("not_covered")
                .forEach(range ->
                    findings.add(
                        new Finding(
                            "coverage",
                            file.getKey(),
                            range.path("start").path("row").asInt(),
                            0,
                            "no test reaches this"))));
    return findings;
  }

  /** Compiles without asking anything. */
  public Compilation build(Path sources) throws IOException {
    Path bundle = Files.createTempFile("obolus-policy", ".tar.gz");
    try {
      List<String> command = new ArrayList<>(List.of("build", "--target", "wasm"));
      limits(sources, command);
      command.addAll(
          List.of("--entrypoint", "gateway/decision", "--entrypoint", "gateway/visible"));
      command.addAll(List.of("--ignore", "*_test.rego", "--output", bundle.toString()));
      command.addAll(roots(sources));
      OpaProgram.Run run = opa.run(sources, command);
      if (!run.succeeded()) {
        return new Rejected(errors("build", run));
      }
      String inspected =
          opa.run(sources, "inspect", "--annotations", "--format", "json", bundle.toString()).out();
      return switch (ReasonCatalogue.of(tree(inspected))) {
        case ReasonCatalogue.Made(Catalogue catalogue) ->
            new Compiled(Bundle.module(bundle), catalogue, format(sources));
        case ReasonCatalogue.Faulty(List<Finding> findings) -> new Rejected(findings);
      };
    } finally {
      Files.deleteIfExists(bundle);
    }
  }

  private static void limits(Path sources, List<String> command) {
    if (Files.exists(sources.resolve("capabilities.json"))) {
      command.addAll(List.of("--capabilities", "capabilities.json"));
    }
  }

  static List<String> roots(Path sources) {
    return ROOTS.stream().filter(root -> Files.isDirectory(sources.resolve(root))).toList();
  }

  static List<Path> files(Path sources, String root) throws IOException {
    try (Stream<Path> files = Files.walk(sources.resolve(root))) {
      return files.filter(file -> file.toString().endsWith(".rego")).sorted().toList();
    }
  }

  private static List<Finding> errors(String kind, OpaProgram.Run run) {
    List<Finding> findings = new ArrayList<>();
    for (String text : List.of(run.err(), run.out())) {
      for (JsonNode error : tree(text).path("errors")) {
        findings.add(finding(kind, error, error.path("message").asString("does not pass")));
      }
    }
    return findings.isEmpty()
        ? List.of(new Finding(kind, "policies", 0, 0, (run.err() + run.out()).strip()))
        : findings;
  }

  private static Finding finding(String kind, JsonNode node, String message) {
    JsonNode place = node.path("location");
    return new Finding(
        kind,
        place.path("file").asString("policies"),
        place.path("row").asInt(0),
        place.path("col").asInt(0),
        message);
  }

  static JsonNode tree(String text) {
    try {
      return text.isBlank() ? JSON.createObjectNode() : JSON.readTree(text);
    } catch (JacksonException _) {
      return JSON.createObjectNode();
    }
  }
}
