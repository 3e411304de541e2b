// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the JSON of canonical bytes: objects, lists and texts, without white space. */
public final class CanonicalJson {
  private final String json;
  private int at;

  private CanonicalJson(String json) {
    this.json = json;
  }

  /** Maps, lists and texts; {@link IllegalArgumentException} on anything else. */
  public static Object read(String json) {
    CanonicalJson reader = new CanonicalJson(json);
    Object value = reader.value();
    if (reader.at != json.length()) {
      throw new IllegalArgumentException("more than one value");
    }
    return value;
  }

  private Object value() {
    return switch (next()) {
      case '{' -> members();
      case '[' -> elements();
      case '"' -> text();
      default -> throw new IllegalArgumentException("not canonical JSON");
    };
  }

  private Map<String, Object> members() {
    Map<String, Object> members = new LinkedHashMap<>();
    if (skip('}')) {
      return members;
    }
    do {
      expect('"');
      String name = text();
      expect(':');
      Object _ = members.put(name, value());
    } while (skip(','));
    expect('}');
    return members;
  }

  private List<Object> elements() {
    List<Object> elements = new ArrayList<>();
    if (skip(']')) {
      return elements;
    }
    do {
      elements.add(value());
    } while (skip(','));
    expect(']');
    return elements;
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    for (char c = next(); c != '"'; c = next()) {
      if (c != '\\') {
        text.append(c);
        continue;
      }
      char escaped = next();
      if (escaped == 'u') {
        text.append((char) Integer.parseInt(json.substring(at, at + 4), 16));
        at += 4;
      } else {
        text.append(escaped);
      }
    }
    return text.toString();
  }

  private char next() {
    if (at >= json.length()) {
      throw new IllegalArgumentException("JSON that ends early");
    }
    return json.charAt(at++);
  }

  private boolean skip(char c) {
    if (at < json.length() && json.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(char c) {
    if (next() != c) {
      throw new IllegalArgumentException("not canonical JSON");
    }
  }
}
