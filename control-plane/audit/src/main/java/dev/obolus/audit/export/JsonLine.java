// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.export;

import java.util.List;
import java.util.Map;

/** JSON on one line. */
final class JsonLine {
  private final StringBuilder out = new StringBuilder(1024);

  private JsonLine() {}

  /** Of maps, lists, texts, numbers and booleans. */
  static String of(Object value) {
    JsonLine line = new JsonLine();
    line.write(value);
    return line.out.toString();
  }

  private void write(Object value) {
    switch (value) {
      case Map<?, ?> members -> {
        char before = '{';
        for (Map.Entry<?, ?> member : members.entrySet()) {
          out.append(before);
          text(String.valueOf(member.getKey()));
          out.append(':');
          write(member.getValue());
          before = ',';
        }
        out.append(before == '{' ? "{}" : "}");
      }
      case List<?> elements -> {
        char before = '[';
        for (Object element : elements) {
          out.append(before);
          write(element);
          before = ',';
        }
        out.append(before == '[' ? "[]" : "]");
      }
      case Number number -> out.append(number);
      case Boolean flag -> out.append(flag);
      case Raw(String json) -> json.chars().forEach(c -> character((char) c));
      default -> text(value.toString());
    }
  }

  /** JSON already. */
  record Raw(String json) {}

  private void text(String value) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else {
        character(c);
      }
    }
    out.append('"');
  }

  private void character(char c) {
    if (Hidden.is(c)) {
      out.append("\\u%04x".formatted((int) c));
    } else {
      out.append(c);
    }
  }
}
