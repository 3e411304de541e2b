// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.export;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.AuditRecord.Field;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A record's fields, in readable form. */
final class Fields {
  private Fields() {}

  static Optional<String> text(AuditRecord record, String name) {
    return record.fields().get(name) instanceof Field.Text(String value)
        ? Optional.of(value)
        : Optional.empty();
  }

  static Optional<Long> whole(AuditRecord record, String name) {
    return record.fields().get(name) instanceof Field.Whole(long value)
        ? Optional.of(value)
        : Optional.empty();
  }

  static List<String> texts(AuditRecord record, String name) {
    return record.fields().get(name) instanceof Field.Texts(List<String> values)
        ? values
        : List.of();
  }

  /** All of them; wholes as text, since JSON's numbers are not exact everywhere. */
  static Map<String, Object> readable(AuditRecord record) {
    Map<String, Object> readable = new LinkedHashMap<>();
    record
        .fields()
        .forEach((name, field) ->
            readable.put(
                name,
                switch (field) {
                  case Field.Text(String value) -> value;
                  case Field.Whole(long value) -> Long.toString(value);
                  case Field.Texts(List<String> values) -> values;
                  case Field.Json(String json) -> new JsonLine.Raw(json);
                  case Field.Committed(var commitment) -> commitment.hex();
                }));
    return readable;
  }

  static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  /** Who did it: the person of a record, but of a freeze, whose person is frozen, the operator. */
  static String actor(AuditRecord record) {
    return switch (record.event()) {
      case "frozen", "unfrozen" -> text(record, "source").orElse("-");
      default -> record.person();
    };
  }

  /** The application by which it was done: a freeze's is the frozen one. */
  static Optional<String> client(AuditRecord record) {
    return switch (record.event()) {
      case "frozen", "unfrozen" -> Optional.empty();
      default -> text(record, "client");
    };
  }
}
