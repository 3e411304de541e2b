// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.control;

import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.vault.VaultApi;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What can be done to the vault, as its administrator would. */
final class VaultCommands {
  private final VaultApi vault;

  VaultCommands(VaultApi vault) {
    this.vault = vault;
  }

  /**
   * Runs one; empty where there is no such command.
   *
   * @throws IllegalArgumentException with a sentence that says what is wrong
   */
  Optional<ObjectNode> run(String command, Map<String, String> fields) {
    String name = fields.getOrDefault("name", "");
    ObjectNode done = JsonMapper.shared().createObjectNode().put("done", true);
    return switch (command) {
      case "key" -> Optional.of(done.put("version", vault.vault().putKey(name)));
      case "secret" ->
          Optional.of(
              done.put(
                  "version",
                  vault.vault().putSecret(name, fields.getOrDefault("value", random()))));
      case "version" -> {
        vault
            .vault()
            .enable(
                fields.getOrDefault("kind", "keys"),
                name,
                fields.getOrDefault("version", ""),
                fields.getOrDefault("enabled", "true").equals("true"));
        yield Optional.of(done);
      }
      case "allow" -> {
        vault.allow(client(fields), fields.getOrDefault("given", "true").equals("true"));
        yield Optional.of(done);
      }
      case "throttle" -> {
        vault.throttle(number(fields, "times"), number(fields, "seconds"));
        yield Optional.of(done);
      }
      case "unavailable" -> {
        vault.fail(number(fields, "times"));
        yield Optional.of(done);
      }
      default -> Optional.empty();
    };
  }

  /** What a root key is: 64 hex digits. */
  private static String random() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static String client(Map<String, String> fields) {
    String app = fields.getOrDefault("app", "");
    return Directory.app(app)
        .map(App::clientId)
        .orElseThrow(() -> new IllegalArgumentException("there is no application called " + app));
  }

  private static int number(Map<String, String> fields, String name) {
    try {
      return Integer.parseInt(fields.getOrDefault(name, "1").strip());
    } catch (NumberFormatException _) {
      throw new IllegalArgumentException(name + " is a number");
    }
  }
}
