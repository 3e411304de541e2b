// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.reading;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.AuditRecord.Field;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A record's fields by name; a field of another shape is as good as absent. */
public record Fields(AuditRecord record) {

  public Optional<String> text(String name) {
    return record.fields().get(name) instanceof Field.Text(String value) && present(value)
        ? Optional.of(value)
        : Optional.empty();
  }

  public OptionalLong whole(String name) {
    return record.fields().get(name) instanceof Field.Whole(long value)
        ? OptionalLong.of(value)
        : OptionalLong.empty();
  }

  public List<String> texts(String name) {
    return record.fields().get(name) instanceof Field.Texts(List<String> values)
        ? values
        : List.of();
  }

  public Optional<String> json(String name) {
    return record.fields().get(name) instanceof Field.Json(String value)
        ? Optional.of(value)
        : Optional.empty();
  }

  private static boolean present(String value) {
    return !value.isEmpty() && !value.equals("-");
  }
}
