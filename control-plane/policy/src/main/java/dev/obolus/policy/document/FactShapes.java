// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.document;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The shape of each kind of fact, as {@code facts-v1.schema.json} has it. */
final class FactShapes {
  static final List<String> KINDS = List.of("agents", "groups", "purposes", "resources", "users");

  private static final Pattern ID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final Pattern WORD = Pattern.compile("[a-z][a-z0-9_-]{0,62}");
  private static final Pattern OPERATION =
      Pattern.compile("[a-z][a-z0-9_-]{0,62}/[a-z][a-z0-9_]{0,62}");
  private static final Pattern TEXT = Pattern.compile("[^\\p{Cntrl}]{1,512}");
  private static final Set<String> LANES = Set.of("obo", "workload", "saas", "key");

  private final String file;

  private FactShapes(String file) {
    this.file = file;
  }

  static JsonNode check(String kind, String file, JsonNode facts) throws UnfitFacts {
    FactShapes shapes = new FactShapes(file);
    shapes.require(facts.isObject(), "", "is not an object keyed by id");
    for (Map.Entry<String, JsonNode> fact : facts.properties()) {
      String place = "/" + fact.getKey();
      switch (kind) {
        case "users" -> shapes.user(place, fact.getKey(), fact.getValue());
        case "groups" -> shapes.group(place, fact.getKey(), fact.getValue());
        case "resources" -> shapes.resource(place, fact.getKey(), fact.getValue());
        case "agents" -> shapes.agent(place, fact.getKey(), fact.getValue());
        case "purposes" -> shapes.purpose(place, fact.getKey(), fact.getValue());
        default -> throw new IllegalArgumentException("no facts of that kind");
      }
    }
    return facts;
  }

  private void user(String place, String id, JsonNode user) throws UnfitFacts {
    members(place, user, Set.of("name", "tenant"), Set.of("region"));
    matches(place, ID, id);
    text(place + "/name", TEXT, user.get("name"));
    text(place + "/tenant", ID, user.get("tenant"));
    if (user.has("region")) {
      text(place + "/region", TEXT, user.get("region"));
    }
  }

  private void group(String place, String id, JsonNode group) throws UnfitFacts {
    members(place, group, Set.of("name", "reads"), Set.of("all_regions"));
    matches(place, ID, id);
    text(place + "/name", TEXT, group.get("name"));
    texts(place + "/reads", TEXT, group.get("reads"));
    require(
        !group.has("all_regions") || group.get("all_regions").isBoolean(),
        place + "/all_regions",
        "is not true or false");
  }

  private void resource(String place, String name, JsonNode resource) throws UnfitFacts {
    members(place, resource, Set.of("connector", "owner", "labels", "columns"), Set.of());
    matches(place, TEXT, name);
    text(place + "/connector", WORD, resource.get("connector"));
    JsonNode owner = resource.get("owner");
    if (owner.isArray()) {
      require(!owner.isEmpty(), place + "/owner", "names nobody");
      texts(place + "/owner", WORD, owner);
    } else {
      text(place + "/owner", WORD, owner);
    }
    texts(place + "/labels", WORD, resource.get("labels"));
    require(resource.get("columns").isObject(), place + "/columns", "is not an object");
    for (Map.Entry<String, JsonNode> column : resource.get("columns").properties()) {
      String at = place + "/columns/" + column.getKey();
      matches(at, TEXT, column.getKey());
      members(at, column.getValue(), Set.of("labels"), Set.of());
      texts(at + "/labels", WORD, column.getValue().get("labels"));
    }
  }

  private void agent(String place, String client, JsonNode agent) throws UnfitFacts {
    members(place, agent, Set.of("name", "owner", "operations", "lanes", "purposes"), Set.of());
    matches(place, ID, client);
    text(place + "/name", WORD, agent.get("name"));
    text(place + "/owner", WORD, agent.get("owner"));
    texts(place + "/operations", OPERATION, agent.get("operations"));
    texts(place + "/lanes", WORD, agent.get("lanes"));
    require(
        agent.get("lanes").valueStream().allMatch(lane -> LANES.contains(lane.asString())),
        place + "/lanes",
        "names a lane that does not exist");
    texts(place + "/purposes", WORD, agent.get("purposes"));
  }

  private void purpose(String place, String name, JsonNode purpose) throws UnfitFacts {
    members(place, purpose, Set.of("title", "covers", "groups"), Set.of());
    matches(place, WORD, name);
    text(place + "/title", TEXT, purpose.get("title"));
    texts(place + "/covers", WORD, purpose.get("covers"));
    texts(place + "/groups", ID, purpose.get("groups"));
  }

  private void members(String place, JsonNode node, Set<String> required, Set<String> optional)
      throws UnfitFacts {
    require(node.isObject(), place, "is not an object");
    for (String member : required) {
      require(node.has(member), place, "lacks " + member);
    }
    for (String member : node.propertyNames()) {
      require(
          required.contains(member) || optional.contains(member),
          place + "/" + member,
          "is not a member that is known");
    }
  }

  private void texts(String place, Pattern pattern, JsonNode node) throws UnfitFacts {
    require(node.isArray(), place, "is not a list");
    for (JsonNode each : node) {
      text(place, pattern, each);
    }
  }

  private void text(String place, Pattern pattern, JsonNode node) throws UnfitFacts {
    require(node.isString(), place, "is not a text");
    matches(place, pattern, node.stringValue());
  }

  private void matches(String place, Pattern pattern, String text) throws UnfitFacts {
    require(
        pattern.matcher(text).matches() && StrictJson.wellFormed(text),
        place,
        "does not look as it should: " + pattern.pattern());
  }

  private void require(boolean condition, String place, String message) throws UnfitFacts {
    if (!condition) {
      throw new UnfitFacts(file, 0, 0, (place.isEmpty() ? "it" : place) + " " + message);
    }
  }
}
