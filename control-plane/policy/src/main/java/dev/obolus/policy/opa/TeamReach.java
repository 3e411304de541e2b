// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.opa;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Keeps each package to its own: the file's folder is its package, and a team's package reads only
 * the input, itself and facts. Refuses a negated call, which is silent where an argument is
 * unknown: a denial written so would not fire. {@code opa check} minds none of these.
 */
final class TeamReach {
  private final OpaProgram opa;

  TeamReach(OpaProgram opa) {
    this.opa = opa;
  }

  List<Finding> check(Path sources) throws IOException {
    List<Finding> findings = new ArrayList<>();
    for (String root : PolicyCompiler.roots(sources)) {
      for (Path file : PolicyCompiler.files(sources, root)) {
        check(sources, file, findings);
      }
    }
    return findings;
  }

  private void check(Path sources, Path file, List<Finding> findings) throws IOException {
    String name = sources.relativize(file).toString();
    JsonNode tree =
        PolicyCompiler.tree(
            opa.run(sources, "parse", "--format", "json", "--json-include", "locations", name)
                .out());
    String folder = sources.relativize(file.getParent()).toString().replace('/', '.');
    String declared = path(tree.path("package").path("path")).replaceFirst("_test$", "");
    if (!declared.equals("data." + folder)) {
      findings.add(new Finding("reach", name, 1, 1, "the package here is " + folder));
    } else if (!name.endsWith("_test.rego")) {
      negatedCalls(tree, name, findings);
      if (folder.startsWith("team.")) {
        walk(tree, name, declared, findings);
      }
    }
  }

  private static void negatedCalls(JsonNode node, String file, List<Finding> findings) {
    if (node.path("negated").asBoolean(false) && node.path("terms").isArray()) {
      JsonNode place = node.path("location");
      findings.add(
          new Finding(
              "reach",
              file,
              place.path("row").asInt(0),
              place.path("col").asInt(0),
              "negate a rule, not a call: an unknown argument would make this silent"));
    }
    node.forEach(each -> negatedCalls(each, file, findings));
  }

  private static void walk(JsonNode node, String file, String own, List<Finding> findings) {
    if (node.path("type").asString("").equals("ref") && isData(node.path("value").path(0))) {
      String path = path(node.path("value"));
      if (!path.startsWith("data.facts.") && !path.equals(own) && !path.startsWith(own + ".")) {
        findings.add(beyond(file, node.path("value").path(0), path));
      }
      node.path("value").valueStream().skip(1).forEach(part -> walk(part, file, own, findings));
      return;
    }
    if (isData(node)) {
      findings.add(beyond(file, node, "data"));
      return;
    }
    for (var member : node.isObject() ? node.properties() : Set.<Map.Entry<String, JsonNode>>of()) {
      if (!member.getKey().equals("package")) {
        walk(member.getValue(), file, own, findings);
      }
    }
    if (node.isArray()) {
      node.forEach(each -> walk(each, file, own, findings));
    }
  }

  private static Finding beyond(String file, JsonNode term, String path) {
    JsonNode place = term.path("location");
    return new Finding(
        "reach",
        file,
        place.path("row").asInt(0),
        place.path("col").asInt(0),
        "a team reads the input, itself and data.facts, not " + path);
  }

  private static boolean isData(JsonNode node) {
    return node.path("type").asString("").equals("var")
        && node.path("value").asString("").equals("data");
  }

  /** The constant beginning of a reference, dotted. */
  private static String path(JsonNode terms) {
    StringBuilder path = new StringBuilder();
    for (JsonNode term : terms) {
      boolean constant = path.isEmpty() || term.path("type").asString("").equals("string");
      if (!constant) {
        break;
      }
      path.append(path.isEmpty() ? "" : ".").append(term.path("value").asString(""));
    }
    return path.toString();
  }
}
