// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import dev.obolus.policy.PolicyInput;
import dev.obolus.policy.document.Facts;
import dev.obolus.policy.document.UnfitFacts;
import dev.obolus.terms.ActionClass;
import dev.obolus.terms.Lane;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.ResourceName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The golden vectors, as the Rego tests read them. */
final class Vectors {
  static final JsonMapper JSON = new JsonMapper();

  private Vectors() {}

  record Case(String name, JsonNode input, JsonNode want) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Case> cases() {
    return tree("vectors/cases.json").path("fixtures").path("cases").properties().stream()
        .map(each ->
            new Case(each.getKey(), each.getValue().get("input"), each.getValue().get("want")))
        .toList();
  }

  static Case named(String name) {
    return cases().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  static Facts facts() {
    try {
      return Facts.parse(tree("vectors/facts.json").path("fixtures").path("facts").toString());
    } catch (UnfitFacts e) {
      throw new AssertionError(e);
    }
  }

  static Facts sandbox() {
    try {
      return Facts.read(Path.of("facts"));
    } catch (UnfitFacts e) {
      throw new AssertionError(e);
    }
  }

  static JsonNode tree(String resource) {
    return JSON.readTree(bytes(resource));
  }

  static byte[] bytes(String resource) {
    try (InputStream in = Vectors.class.getResourceAsStream(PackagedPolicy.FOLDER + resource)) {
      if (in == null) {
        throw new AssertionError(resource);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Sets come out in no order: each list sorted, for comparing. */
  static JsonNode sorted(JsonNode node) {
    if (node.isArray()) {
      return JSON.valueToTree(
          node.valueStream()
              .map(Vectors::sorted)
              .sorted((a, b) -> a.toString().compareTo(b.toString()))
              .toList());
    }
    if (node.isObject()) {
      TreeMap<String, JsonNode> members = new TreeMap<>();
      node.properties().forEach(each -> members.put(each.getKey(), sorted(each.getValue())));
      return JSON.valueToTree(members);
    }
    return node;
  }

  static PolicyInput input(JsonNode node) {
    JsonNode subject = node.get("subject");
    JsonNode actor = node.get("actor");
    JsonNode token = node.get("token");
    JsonNode action = node.get("action");
    JsonNode context = node.get("context");
    return new PolicyInput(
        new PolicyInput.SubjectFacts(
            text(subject, "kind"),
            text(subject, "tenant"),
            text(subject, "id"),
            texts(subject, "groups"),
            subject.get("groups_complete").booleanValue(),
            texts(subject, "roles"),
            Optional.ofNullable(subject.get("guest")).map(JsonNode::booleanValue),
            find(subject, "home_tenant")),
        new PolicyInput.ActorFacts(
            text(actor, "client"),
            text(actor, "strength"),
            actor.get("public_client").booleanValue(),
            find(actor, "blueprint")),
        new PolicyInput.TokenFacts(
            find(token, "id"),
            texts(token, "scopes"),
            texts(token, "acrs"),
            texts(token, "capabilities")),
        new PolicyInput.Claimed(
            find(node.get("claimed"), "purpose"),
            find(node.get("claimed"), "conversation"),
            stream(node.get("claimed"), "via").toList()),
        new PolicyInput.Action(
            text(action, "connector"),
            text(action, "operation"),
            ActionClass.valueOf(text(action, "class").toUpperCase(Locale.ROOT)),
            Lane.valueOf(text(action, "lane").toUpperCase(Locale.ROOT)),
            texts(action, "columns"),
            action.get("limit").intValue(),
            find(action, "statement_hash"),
            Arrays.stream(Obligation.Kind.values())
                .filter(kind -> texts(action, "honours").contains(kind.word()))
                .collect(Collectors.toSet())),
        Optional.ofNullable(node.get("resource"))
            .map(resource -> new PolicyInput.Resource(new ResourceName(text(resource, "name")))),
        new PolicyInput.Context(
            Instant.parse(text(context, "time")),
            text(context, "environment"),
            text(context, "trace_id"),
            text(context, "client_request_id")));
  }

  private static String text(JsonNode node, String member) {
    return node.get(member).stringValue();
  }

  private static Optional<String> find(JsonNode node, String member) {
    return Optional.ofNullable(node.get(member)).map(JsonNode::stringValue);
  }

  private static Stream<String> stream(JsonNode node, String member) {
    return node.get(member).valueStream().map(JsonNode::stringValue);
  }

  private static Set<String> texts(JsonNode node, String member) {
    return stream(node, member).collect(Collectors.toSet());
  }
}
