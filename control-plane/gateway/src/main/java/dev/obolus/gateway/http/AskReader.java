// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.Refusal;
import dev.obolus.gateway.mediation.Ask;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads an {@link Ask} from a body: every member known, of its type, and within its size. */
final class AskReader {
  private static final int MAX_ID = 128;
  private static final int MAX_VIA = 16;
  private static final Set<String> MEMBERS =
      Set.of("connector", "operation", "purpose", "conversation", "via", "arguments");

  private AskReader() {}

  static Ask read(byte[] body, String traceId) {
    Map<String, Object> members = StrictJson.read(body);
    for (String name : members.keySet()) {
      if (!MEMBERS.contains(name)) {
        throw malformed("/" + name.replace("~", "~0").replace("/", "~1"), "No such member.");
      }
    }
    return new Ask(
        required(members, "connector"),
        required(members, "operation"),
        arguments(members),
        optional(members, "purpose"),
        optional(members, "conversation"),
        via(members),
        traceId);
  }

  private static String required(Map<String, Object> members, String name) {
    return optional(members, name)
        .orElseThrow(() -> malformed("/" + name, "The member is missing."));
  }

  private static Optional<String> optional(Map<String, Object> members, String name) {
    return members.containsKey(name)
        ? Optional.of(id(members.get(name), "/" + name))
        : Optional.empty();
  }

  private static Map<String, Object> arguments(Map<String, Object> members) {
    if (!(members.get("arguments") instanceof Map<?, ?> map)) {
      throw malformed("/arguments", "The member is not an object.");
    }
    @SuppressWarnings("unchecked") // StrictJson makes no other maps
    Map<String, Object> arguments = (Map<String, Object>) map;
    return arguments;
  }

  private static List<String> via(Map<String, Object> members) {
    if (!members.containsKey("via")) {
      return List.of();
    }
    if (!(members.get("via") instanceof List<?> items) || items.size() > MAX_VIA) {
      throw malformed("/via", "The member is not a list of at most " + MAX_VIA + " ids.");
    }
    List<String> via = new ArrayList<>();
    for (Object item : items) {
      via.add(id(item, "/via/" + via.size()));
    }
    return via;
  }

  private static String id(@org.jspecify.annotations.Nullable Object value, String pointer) {
    if (!(value instanceof String text)) {
      throw malformed(pointer, "The member is not a text.");
    }
    if (text.isBlank() || text.length() > MAX_ID) {
      throw malformed(pointer, "The text has not 1 to " + MAX_ID + " characters.");
    }
    if (text.codePoints().anyMatch(AskReader::deceives)) {
      throw malformed(pointer, "The text holds an invisible or a direction-changing character.");
    }
    return text;
  }

  /** What a reader of the record would not see, or would see elsewhere. */
  private static boolean deceives(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }

  private static Refusal malformed(String pointer, String detail) {
    return Refusal.at(ErrorCode.MALFORMED, pointer, detail);
  }
}
