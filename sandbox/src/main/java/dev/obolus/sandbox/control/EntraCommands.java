// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.control;

import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.Standing;
import dev.obolus.sandbox.entra.endpoint.EntraApi;
import dev.obolus.sandbox.entra.rules.Rule;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What can be done to the stand-in Entra, each command by its name with flat fields, so that JSON
 * and a form say it alike. Everything ends with {@code reset} or the process.
 */
final class EntraCommands {
  private static final JsonMapper JSON = JsonMapper.shared();
  private final EntraApi entra;

  EntraCommands(EntraApi entra) {
    this.entra = entra;
  }

  /**
   * Runs one; empty where there is no such command.
   *
   * @throws IllegalArgumentException with a sentence that says what is wrong
   */
  Optional<ObjectNode> run(String command, Map<String, String> fields) {
    return switch (command) {
      case "rule" -> Optional.of(rule(fields));
      case "remove-rule" -> Optional.of(removeRule(fields));
      case "user" -> Optional.of(user(fields));
      case "revoke" -> Optional.of(revoke(fields));
      case "consent" -> Optional.of(consent(fields));
      case "app" -> Optional.of(app(fields));
      case "rotate-keys" -> Optional.of(rotateKeys(fields));
      case "reset" -> Optional.of(reset());
      default -> Optional.empty();
    };
  }

  /** What stands now. */
  ObjectNode state() {
    ObjectNode json = JSON.createObjectNode();
    ArrayNode rules = json.putArray("rules");
    for (Rule rule : entra.rules().all()) {
      ObjectNode one = rules.addObject().put("rule", rule.id());
      rule.when().forEach(one::put);
      one.put("then", rule.word()).put("times", rule.times());
      one.put("fired", entra.rules().fired(rule.id()));
    }
    ArrayNode users = json.putArray("users");
    for (Directory.User user : Directory.users()) {
      users
          .addObject()
          .put("user", user.name())
          .put("id", user.objectId())
          .put("tenant", user.tenant())
          .put("state", word(entra.standing().account(user)))
          .put("many_groups", entra.standing().hasManyGroups(user));
    }
    ArrayNode apps = json.putArray("apps");
    for (App app : Directory.apps()) {
      apps.addObject()
          .put("app", app.name())
          .put("id", app.clientId())
          .put("token_version", entra.standing().tokenVersion(app))
          .put("token_seconds", entra.standing().tokenLife(app).toSeconds());
    }
    ArrayNode keys = json.putArray("keys");
    entra
        .keys()
        .published()
        .forEach(key ->
            keys.addObject()
                .put("kid", key.key().getKeyID())
                .put("issuer", key.issuer())
                .put("signs", key.key().equals(entra.keys().signing())));
    return json;
  }

  private ObjectNode rule(Map<String, String> fields) {
    return JSON.createObjectNode().put("rule", entra.rules().add(fields).id());
  }

  private ObjectNode removeRule(Map<String, String> fields) {
    if (!entra.rules().remove(fields.getOrDefault("rule", ""))) {
      throw new IllegalArgumentException("there is no such rule");
    }
    return done();
  }

  private ObjectNode user(Map<String, String> fields) {
    Directory.User user = requireUser(fields);
    String state = fields.getOrDefault("state", "");
    if (!state.isEmpty()) {
      entra.standing().account(user, account(state));
    }
    if (fields.containsKey("many_groups")) {
      entra.standing().manyGroups(user, fields.get("many_groups").equals("true"));
    }
    return done();
  }

  private ObjectNode revoke(Map<String, String> fields) {
    entra.standing().revoke(requireUser(fields), Instant.now());
    return done();
  }

  private ObjectNode consent(Map<String, String> fields) {
    String tenant = fields.getOrDefault("tenant", "home");
    entra
        .standing()
        .consent(
            Directory.tenant(tenant).orElseThrow(() -> unknown("tenant", tenant)),
            requireApp(fields, "client"),
            requireApp(fields, "resource"),
            fields.getOrDefault("given", "true").equals("true"));
    return done();
  }

  private ObjectNode app(Map<String, String> fields) {
    App app = requireApp(fields, "app");
    if (fields.containsKey("token_version")) {
      entra.standing().tokenVersion(app, number(fields, "token_version"));
    }
    if (fields.containsKey("token_seconds")) {
      entra.standing().tokenLife(app, Duration.ofSeconds(number(fields, "token_seconds")));
    }
    return done();
  }

  private ObjectNode rotateKeys(Map<String, String> fields) {
    entra.keys().rotate(!fields.getOrDefault("old", "kept").equals("removed"));
    return done().put("kid", entra.keys().signing().getKeyID());
  }

  private ObjectNode reset() {
    entra.reset();
    return done();
  }

  private static ObjectNode done() {
    return JSON.createObjectNode().put("done", true);
  }

  private static Standing.Account account(String state) {
    try {
      return Standing.Account.valueOf(state.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException("state is active, disabled or deleted");
    }
  }

  static String word(Standing.Account account) {
    return account.name().toLowerCase(Locale.ROOT);
  }

  private static Directory.User requireUser(Map<String, String> fields) {
    String name = fields.getOrDefault("user", "");
    return Directory.user(name).orElseThrow(() -> unknown("user", name));
  }

  private static App requireApp(Map<String, String> fields, String field) {
    String name = fields.getOrDefault(field, "");
    return Directory.app(name).orElseThrow(() -> unknown("application", name));
  }

  private static int number(Map<String, String> fields, String name) {
    try {
      return Integer.parseInt(fields.getOrDefault(name, "").strip());
    } catch (NumberFormatException _) {
      throw new IllegalArgumentException(name + " is a number");
    }
  }

  private static IllegalArgumentException unknown(String what, String name) {
    return new IllegalArgumentException("there is no " + what + " called " + name);
  }
}
