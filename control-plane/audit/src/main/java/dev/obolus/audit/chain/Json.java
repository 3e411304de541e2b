// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.AuditEvent;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The few JSON texts of the format: no white space, members in a fixed order, maps sorted. */
final class Json {
  private final StringBuilder out = new StringBuilder();

  private Json() {}

  static String labels(List<AuditEvent.Resource> resources) {
    Json json = new Json();
    json.array(resources, json::resource);
    return json.out.toString();
  }

  static String reasons(List<AuditEvent.Reason> reasons) {
    Json json = new Json();
    json.array(reasons, json::reason);
    return json.out.toString();
  }

  static String texts(Map<String, String> map) {
    Json json = new Json();
    json.object(map);
    return json.out.toString();
  }

  static String counts(Map<String, Long> map) {
    Json json = new Json();
    String comma = "{";
    for (Map.Entry<String, Long> entry : new TreeMap<>(map).entrySet()) {
      json.out.append(comma);
      json.text(entry.getKey());
      json.out.append(':').append(entry.getValue().longValue());
      comma = ",";
    }
    return map.isEmpty() ? "{}" : json.out.append('}').toString();
  }

  private void resource(AuditEvent.Resource resource) {
    out.append("{\"name\":");
    text(resource.name());
    out.append(",\"labels\":");
    array(resource.labels(), this::text);
    out.append(",\"columns\":");
    array(resource.columns(), this::column);
    out.append('}');
  }

  private void column(AuditEvent.Column column) {
    out.append("{\"name\":");
    text(column.name());
    out.append(",\"labels\":");
    array(column.labels(), this::text);
    out.append('}');
  }

  private void reason(AuditEvent.Reason reason) {
    out.append("{\"code\":");
    text(reason.code());
    out.append(",\"layer\":");
    text(reason.layer());
    out.append(",\"args\":");
    object(reason.args());
    out.append('}');
  }

  private void object(Map<String, String> map) {
    out.append('{');
    String comma = "";
    for (Map.Entry<String, String> entry : new TreeMap<>(map).entrySet()) {
      out.append(comma);
      text(entry.getKey());
      out.append(':');
      text(entry.getValue());
      comma = ",";
    }
    out.append('}');
  }

  private <T> void array(List<T> items, java.util.function.Consumer<T> each) {
    out.append('[');
    for (int i = 0; i < items.size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      each.accept(items.get(i));
    }
    out.append(']');
  }

  private void text(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20) {
        out.append("\\u00")
            .append(Character.forDigit(c >> 4, 16))
            .append(Character.forDigit(c & 15, 16));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
