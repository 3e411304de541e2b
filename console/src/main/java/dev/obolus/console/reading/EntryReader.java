// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.reading;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.ChainId;
import dev.obolus.console.reading.Entry.Column;
import dev.obolus.console.reading.Entry.Place;
import dev.obolus.console.reading.Entry.Touched;
import dev.obolus.console.reading.Entry.Why;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** The one place that knows the names of the canonical fields. */
final class EntryReader {
  private static final JsonMapper JSON = JsonMapper.shared();

  private EntryReader() {}

  static Entry read(AuditRecord record) {
    var fields = new Fields(record);
    return new Entry(
        new Place(record.chain(), record.seq()),
        record.tenant(),
        record.at(),
        record.event(),
        record.code(),
        record.event().equals("failed") ? "error" : or(fields.text("effect")),
        record.person().equals("-") ? "" : record.person(),
        or(fields.text("client")),
        or(fields.text("agent")),
        or(fields.text("connector")),
        or(fields.text("operation")),
        or(fields.text("action_class")),
        touched(fields),
        list(fields, "reason_details", EntryReader::why),
        or(fields.text("purpose")),
        or(fields.text("conversation")),
        or(fields.text("revision")),
        or(fields.text("decision_id")),
        or(about(fields)),
        fields.whole("by_source").orElse(0) == 1,
        fields.whole("rows"),
        fields.whole("bytes"),
        fields.whole("took_us"),
        permit(fields));
  }

  private static Optional<String> about(Fields fields) {
    return fields
        .text("error_code")
        .or(() -> fields.text("action"))
        .or(() -> fields.text("result"));
  }

  private static Optional<Place> permit(Fields fields) {
    var seq = fields.whole("permit_seq");
    return seq.isEmpty()
        ? Optional.empty()
        : fields
            .text("permit_chain")
            .filter(chain -> chain.matches("[0-9a-f]{32}"))
            .map(chain -> new Place(ChainId.parse(chain), seq.getAsLong()));
  }

  private static <T> List<T> list(
      Fields fields, String name, java.util.function.Function<JsonNode, T> each) {
    return elements(fields.json(name).map(EntryReader::tree).orElseGet(MissingNode::getInstance))
        .map(each)
        .toList();
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (JacksonException notJson) {
      return MissingNode.getInstance();
    }
  }

  private static java.util.stream.Stream<JsonNode> elements(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  /** With their labels; every name stands among the resources in any case. */
  private static List<Touched> touched(Fields fields) {
    var labelled = list(fields, "labels", EntryReader::touched);
    return labelled.isEmpty()
        ? fields.texts("resources").stream()
            .map(name -> new Touched(name, List.of(), List.of()))
            .toList()
        : labelled;
  }

  private static Touched touched(JsonNode node) {
    return new Touched(node.path("name").asString(""), strings(node.path("labels")), columns(node));
  }

  private static List<Column> columns(JsonNode node) {
    return elements(node.path("columns"))
        .map(c -> new Column(c.path("name").asString(""), strings(c.path("labels"))))
        .toList();
  }

  private static Why why(JsonNode node) {
    return new Why(
        node.path("code").asString(""),
        node.path("layer").asString(""),
        node.path("args")
            .propertyStream()
            .map(e -> e.getKey() + "=" + e.getValue().asString(""))
            .toList());
  }

  private static List<String> strings(JsonNode array) {
    return elements(array).map(n -> n.asString("")).toList();
  }

  private static String or(Optional<String> text) {
    return text.orElse("");
  }
}
