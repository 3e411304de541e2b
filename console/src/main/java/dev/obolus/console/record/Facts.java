// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.record;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.Bytes;
import dev.obolus.console.reading.Entry.Place;
import dev.obolus.console.reading.Fields;
import dev.obolus.console.reading.Moments;
import dev.obolus.console.reading.Shown;
import dev.obolus.console.record.RecordView.Fact;
import dev.obolus.console.record.RecordView.Hidden;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Picks the facts of a section; what the record does not say is left out. */
final class Facts {
  private final Fields fields;
  private final List<Fact> facts = new ArrayList<>();

  Facts(Fields fields) {
    this.fields = fields;
  }

  @CanIgnoreReturnValue
  Facts say(String name, String value, String kind, String note) {
    facts.add(new Fact(name, Shown.of(value), kind, note));
    return this;
  }

  @CanIgnoreReturnValue
  Facts text(String name, String field, String kind, String note) {
    fields.text(field).ifPresent(value -> say(name, value, kind, note));
    return this;
  }

  @CanIgnoreReturnValue
  Facts texts(String name, String field, String note) {
    var values = fields.texts(field);
    if (!values.isEmpty()) {
      say(name, String.join(", ", values), "mono", note);
    }
    return this;
  }

  @CanIgnoreReturnValue
  Facts micros(String name, String field) {
    fields.whole(field).ifPresent(value -> say(name, Moments.took(value), "text", ""));
    return this;
  }

  @CanIgnoreReturnValue
  Facts flag(String name, String field, String yes, String no) {
    fields.whole(field).ifPresent(value -> say(name, value == 1 ? yes : no, "text", ""));
    return this;
  }

  @CanIgnoreReturnValue
  Facts committed(String name, String field) {
    if (fields.record().fields().get(field) instanceof Field.Committed(var commitment)) {
      facts.add(committed(fields.record(), name, field, commitment));
    }
    return this;
  }

  /** A seal, and where to ask for what is sealed. */
  static Fact committed(AuditRecord record, String name, String field, Bytes commitment) {
    var word = field.equals("person_value") ? "person" : field;
    var place = new Place(record.chain(), record.seq());
    return new Fact(
        name,
        commitment.hex(),
        "committed",
        "",
        Optional.of(new Hidden(word, place.href() + "/reveal")));
  }

  List<Fact> list() {
    return List.copyOf(facts);
  }
}
