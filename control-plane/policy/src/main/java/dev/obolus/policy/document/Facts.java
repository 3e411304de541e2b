// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.document;

import dev.obolus.terms.ResourceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is known about users, groups, resources, agents and purposes: objects keyed by id, {@code
 * data.facts} to the rules. Part of a revision. {@code facts-v1.schema.json} says the same of the
 * shape as the checks here.
 */
public final class Facts {
  private static final long MAX_FILE_BYTES = 16L * 1024 * 1024;
  private final ObjectNode tree;

  private Facts(ObjectNode tree) {
    this.tree = tree;
  }

  /** Nothing is known, so everything is refused. */
  public static Facts none() {
    ObjectNode tree = StrictJson.MAPPER.createObjectNode();
    FactShapes.KINDS.forEach(tree::putObject);
    return new Facts(tree);
  }

  /**
   * Reads {@code users.json}, {@code groups.json}, {@code resources.json}, {@code agents.json} and
   * {@code purposes.json}; one that is missing is empty.
   *
   * @throws UnfitFacts where a file is not JSON or breaks its schema
   */
  public static Facts read(Path folder) throws UnfitFacts {
    ObjectNode tree = none().tree;
    for (String kind : FactShapes.KINDS) {
      Path file = folder.resolve(kind + ".json");
      if (Files.exists(file)) {
        tree.set(kind, FactShapes.check(kind, file.toString(), parse(file)));
      }
    }
    return new Facts(tree);
  }

  /**
   * Reads them from one object, as in {@link #json}.
   *
   * @throws UnfitFacts where a part breaks its schema
   */
  public static Facts parse(String json) throws UnfitFacts {
    ObjectNode tree = none().tree;
    JsonNode given;
    try {
      given = StrictJson.read(json);
    } catch (JacksonException e) {
      throw UnfitFacts.at("facts", e);
    }
    for (Map.Entry<String, JsonNode> part : given.properties()) {
      if (!FactShapes.KINDS.contains(part.getKey())) {
        throw new UnfitFacts("facts", 0, 0, "there are no facts called " + part.getKey());
      }
      tree.set(part.getKey(), FactShapes.check(part.getKey(), part.getKey(), part.getValue()));
    }
    return new Facts(tree);
  }

  private static JsonNode parse(Path file) throws UnfitFacts {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new UnfitFacts(file.toString(), 0, 0, "larger than " + MAX_FILE_BYTES + " bytes");
      }
      return StrictJson.read(Files.readString(file));
    } catch (JacksonException e) {
      throw UnfitFacts.at(file.toString(), e);
    } catch (IOException e) {
      throw new UnfitFacts(file.toString(), 0, 0, "cannot be read");
    }
  }

  /** Canonical: members sorted, no white space. */
  public String json() {
    return StrictJson.write(tree);
  }

  /** What a rule sees as {@code data}. */
  public String data() {
    return "{\"facts\":" + json() + "}";
  }

  /** Those whose names the console may show. */
  public List<Person> people() {
    return tree.get("users").properties().stream()
        .map(user ->
            new Person(
                user.getValue().path("tenant").asString(),
                user.getKey(),
                user.getValue().path("name").asString()))
        .toList();
  }

  /** The client ids of the agents that are registered. */
  public Set<String> agents() {
    return Set.copyOf(tree.get("agents").propertyNames());
  }

  JsonNode part(String kind) {
    return tree.get(kind);
  }

  /** What the facts say of a resource's columns. */
  boolean hasColumn(ResourceName resource, String column) {
    return tree.get("resources").path(resource.value()).path("columns").has(column);
  }

  /** The owners that the resource's fact names; empty where there is no such fact. */
  Set<String> owners(ResourceName resource) {
    JsonNode owner = tree.get("resources").path(resource.value()).path("owner");
    if (owner.isString()) {
      return Set.of(owner.stringValue());
    }
    return owner
        .valueStream()
        .map(JsonNode::asString)
        .collect(Collectors.toCollection(HashSet::new));
  }

  /**
   * One user.
   *
   * @param tenant with {@code id} the key
   */
  public record Person(String tenant, String id, String name) {}
}
