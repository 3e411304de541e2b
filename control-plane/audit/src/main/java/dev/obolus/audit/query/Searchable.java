// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.query;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.chain.Labels;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a record can be found by, taken from its fields: the same that the store's search columns
 * hold. Texts show U+FFFD for U+0000, as the columns do.
 */
public final class Searchable {
  private static final List<Key> WORDS =
      List.of(
          Key.EVENT,
          Key.CODE,
          Key.AGENT,
          Key.CONNECTOR,
          Key.ACTION,
          Key.RESOURCE,
          Key.LABEL,
          Key.RULE,
          Key.PURPOSE,
          Key.CONVERSATION,
          Key.DECISION);

  private final Instant at;
  private final long seq;
  private final OptionalLong tookMicros;
  private final Map<Key, List<String>> texts;

  private Searchable(Instant at, long seq, OptionalLong tookMicros, Map<Key, List<String>> texts) {
    this.at = at;
    this.seq = seq;
    this.tookMicros = tookMicros;
    this.texts = texts;
  }

  public static Searchable of(AuditRecord record) {
    Map<Key, List<String>> texts = new EnumMap<>(Key.class);
    for (Key key : Key.values()) {
      List<String> values = values(record, key).stream().map(Searchable::stored).toList();
      if (!values.isEmpty()) {
        texts.put(key, values);
      }
    }
    OptionalLong took =
        record.fields().get("took_us") instanceof Field.Whole(long micros)
            ? OptionalLong.of(micros)
            : OptionalLong.empty();
    return new Searchable(record.at(), record.seq(), took, texts);
  }

  private static List<String> values(AuditRecord record, Key key) {
    return switch (key) {
      case EFFECT -> record.event().equals("failed") ? List.of("error") : text(record, "effect");
      case EVENT -> List.of(record.event());
      case CODE -> List.of(record.code());
      case USER -> record.person().equals("-") ? List.of() : List.of(record.person());
      case AGENT -> text(record, "agent");
      case CLIENT -> text(record, "client");
      case CONNECTOR -> text(record, "connector");
      case ACTION -> either(text(record, "operation"), text(record, "action"));
      case CLASS -> text(record, "action_class");
      case LANE -> text(record, "lane");
      case RESOURCE -> texts(record, "resources");
      case LABEL ->
          record.fields().get("labels") instanceof Field.Json(String json)
              ? Labels.of(json)
              : List.of();
      case RULE -> texts(record, "reasons");
      case REV -> text(record, "revision");
      case PURPOSE -> text(record, "purpose");
      case CONVERSATION -> text(record, "conversation");
      case DECISION -> text(record, "decision_id");
      case TOKEN -> text(record, "token_id");
      case CHAIN -> List.of(record.chain().toString());
      case TENANT -> List.of(record.tenant());
      case MS, SEQ, APPROVAL, TEXT, FROM, TO -> List.of();
    };
  }

  private static List<String> either(List<String> one, List<String> other) {
    return one.isEmpty() ? other : one;
  }

  private static List<String> text(AuditRecord record, String name) {
    return record.fields().get(name) instanceof Field.Text(String value)
        ? List.of(value)
        : List.of();
  }

  private static List<String> texts(AuditRecord record, String name) {
    return record.fields().get(name) instanceof Field.Texts(List<String> values)
        ? values
        : List.of();
  }

  private static String stored(String text) {
    return text.replace('\0', '\uFFFD');
  }

  Instant at() {
    return at;
  }

  List<String> texts(Key key) {
    return texts.getOrDefault(key, List.of());
  }

  /** Of {@code ms:}, in microseconds; of {@code seq:}. */
  Optional<Long> whole(Key key) {
    return switch (key) {
      case MS -> tookMicros.isPresent() ? Optional.of(tookMicros.getAsLong()) : Optional.empty();
      case SEQ -> Optional.of(seq);
      default -> Optional.empty();
    };
  }

  /** What {@code text:} looks into: a line a text, ASCII letters small. */
  String words() {
    List<String> lines = new ArrayList<>();
    WORDS.forEach(key -> lines.addAll(texts(key)));
    return QueryGrammar.small(String.join("\n", lines));
  }
}
