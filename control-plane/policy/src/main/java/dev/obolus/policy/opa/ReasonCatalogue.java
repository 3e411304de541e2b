// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.opa;

import dev.obolus.policy.document.Catalogue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes the reason catalogue from the rules' {@code # METADATA}, as {@code opa inspect -a} lists
 * it: {@code custom.code} is the code, {@code custom.about} whom it concerns, {@code custom.args}
 * what its arguments may be, {@code description} the text.
 */
final class ReasonCatalogue {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Set<String> ABOUT = Set.of("caller", "request", "resource");

  private ReasonCatalogue() {}

  /** A catalogue, or what stands in its way. */
  sealed interface Result {}

  record Made(Catalogue catalogue) implements Result {}

  record Faulty(List<Finding> findings) implements Result {}

  static Result of(JsonNode inspected) {
    Map<String, ObjectNode> reasons = new TreeMap<>();
    List<Finding> findings = new ArrayList<>();
    for (JsonNode each : inspected.path("annotations")) {
      JsonNode custom = each.path("annotations").path("custom");
      if (custom.has("code")) {
        read(each, custom, reasons, findings);
      }
    }
    if (!findings.isEmpty()) {
      return new Faulty(findings);
    }
    ObjectNode root = JSON.createObjectNode().put("v", 1);
    ObjectNode all = root.putObject("reasons");
    reasons.forEach(all::set);
    return new Made(Catalogue.parse(JSON.writeValueAsString(root)));
  }

  private static void read(
      JsonNode each, JsonNode custom, Map<String, ObjectNode> reasons, List<Finding> findings) {
    String code = custom.path("code").asString();
    String layer = layer(each.path("path"));
    String text = each.path("annotations").path("description").asString("");
    String fault = fault(code, layer, custom, text);
    if (fault.isEmpty() && reasons.containsKey(code)) {
      fault = code + " stands for two things";
    }
    if (!fault.isEmpty()) {
      JsonNode place = each.path("location");
      findings.add(
          new Finding(
              "catalogue",
              place.path("file").asString(),
              place.path("row").asInt(),
              place.path("col").asInt(),
              fault));
      return;
    }
    ObjectNode entry =
        JSON.createObjectNode()
            .put("layer", layer)
            .put("about", custom.path("about").asString())
            .put("title", each.path("annotations").path("title").asString(""))
            .put("text", text.strip());
    if (custom.has("args")) {
      entry.set("args", custom.get("args"));
    }
    reasons.put(code, entry);
  }

  /** A team's codes begin with its name, so that it cannot speak for the organisation. */
  private static String fault(String code, String layer, JsonNode custom, String text) {
    String prefix = layer.toUpperCase(Locale.ROOT) + "-";
    if (!code.matches("[A-Z][A-Z0-9]*-[0-9]{3}") || !code.startsWith(prefix)) {
      return code + " is not a code of its package: " + prefix + "nnn";
    }
    if (!ABOUT.contains(custom.path("about").asString(""))) {
      return code + " does not say what it is about: caller, request or resource";
    }
    return text.isBlank() ? code + " has no description" : "";
  }

  private static String layer(JsonNode path) {
    String root = path.path(1).path("value").asString("");
    return root.equals("team") ? path.path(2).path("value").asString("") : "org";
  }
}
