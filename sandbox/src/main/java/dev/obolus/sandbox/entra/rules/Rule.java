// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.rules;

import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.EntraError;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happens, and when.
 *
 * @param id a GUID, as a Conditional Access policy has one
 * @param when the members of a {@link Call} that must be so, by name; empty holds always
 * @param then what happens
 * @param word the {@code then} as it was written
 * @param times how often at most; 0 is for as long as the rule stands
 */
public record Rule(String id, Map<String, String> when, Then then, String word, int times) {
  private static final List<String> CONDITIONS =
      List.of("call", "tenant", "user", "client", "resource", "credential");
  private static final Set<String> CALLS =
      Set.of(
          "code",
          "refresh",
          "device",
          "client",
          "obo",
          "sign-in",
          "devicecode",
          "metadata",
          "keys",
          "groups");
  private static final Set<String> CREDENTIALS =
      Set.of("none", "secret", "certificate", "federated");

  private static final String BAD_GATEWAY =
      "<html><head><title>Bad gateway</title></head><body><h2>Our services are not available right now</h2></body></html>";

  /** What a rule may say. */
  public static final List<String> WORDS =
      java.util.stream.Stream.concat(
              Arrays.stream(Control.values()).map(Control::word),
              java.util.stream.Stream.of(
                  "block", "refuse", "throttle", "unavailable", "html", "hang", "drip"))
          .toList();

  /**
   * Reads a rule from flat fields, as the admin API takes them.
   *
   * @throws IllegalArgumentException with a sentence that says what is wrong
   */
  static Rule read(String id, Map<String, String> fields) {
    Map<String, String> when = new LinkedHashMap<>();
    for (String condition : CONDITIONS) {
      String value = fields.getOrDefault(condition, "").strip();
      if (!value.isEmpty()) {
        when.put(condition, known(condition, value));
      }
    }
    String word = fields.getOrDefault("then", "");
    return new Rule(id, Map.copyOf(when), then(word, fields), word, number(fields, "times", 0));
  }

  boolean holds(Call call) {
    return when.entrySet().stream()
        .allMatch(condition -> condition.getValue().equals(value(call, condition.getKey())));
  }

  private static String value(Call call, String condition) {
    return switch (condition) {
      case "call" -> call.kind();
      case "tenant" -> call.tenant();
      case "user" -> call.user();
      case "client" -> call.client();
      case "resource" -> call.resource();
      default -> call.credential();
    };
  }

  private static String known(String condition, String value) {
    Optional<String> name =
        switch (condition) {
          case "tenant" -> Directory.tenant(value).map(Directory.Tenant::name);
          case "user" -> Directory.user(value).map(Directory.User::name);
          case "client", "resource" -> Directory.app(value).map(App::name);
          case "call" -> Optional.of(value).filter(CALLS::contains);
          default -> Optional.of(value).filter(CREDENTIALS::contains);
        };
    return name.orElseThrow(
        () -> new IllegalArgumentException("there is no " + condition + " called " + value));
  }

  private static Then then(String word, Map<String, String> fields) {
    Duration seconds = Duration.ofSeconds(number(fields, "seconds", 30));
    return switch (word) {
      case "block" ->
          new Then.Refuse(
              EntraError.of(
                      "invalid_grant",
                      53003,
                      "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.")
                  .because("message_only"));
      case "refuse" -> new Then.Refuse(refusal(fields));
      case "throttle" ->
          new Then.Refuse(
              EntraError.of(
                      "temporarily_unavailable",
                      90055,
                      "There are too many requests; tenant throttled.")
                  .with(429),
              Map.of("Retry-After", String.valueOf(seconds.toSeconds())));
      case "unavailable" ->
          new Then.Refuse(
              EntraError.of("temporarily_unavailable", 90033, "A transient error has occurred.")
                  .with(number(fields, "status", 503)));
      case "html" -> new Then.Page(number(fields, "status", 502), BAD_GATEWAY);
      case "hang" -> new Then.Hang(seconds);
      case "drip" -> new Then.Drip(seconds);
      default -> new Then.Require(control(word), Duration.ofMinutes(number(fields, "minutes", 60)));
    };
  }

  private static EntraError refusal(Map<String, String> fields) {
    int aadsts = number(fields, "aadsts", 0);
    if (aadsts == 0) {
      throw new IllegalArgumentException("refuse wants aadsts, a number");
    }
    String error = fields.getOrDefault("error", "invalid_grant");
    EntraError plain =
        EntraError.of(error, aadsts, fields.getOrDefault("text", "Refused by a rule."))
            .because(fields.getOrDefault("suberror", ""))
            .asking(fields.getOrDefault("claims", ""));
    return plain.with(number(fields, "status", plain.status()));
  }

  private static Control control(String word) {
    return Arrays.stream(Control.values())
        .filter(control -> control.word().equals(word))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "then is one of " + WORDS.stream().collect(Collectors.joining(", "))));
  }

  private static int number(Map<String, String> fields, String name, int otherwise) {
    @Nullable String text = fields.get(name);
    if (text == null || text.isBlank()) {
      return otherwise;
    }
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException _) {
      throw new IllegalArgumentException(name + " is a number");
    }
  }
}
