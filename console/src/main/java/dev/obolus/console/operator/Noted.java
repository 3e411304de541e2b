// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.operator;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/**
 * What a verification lists that is no fault, of the tenants that the operator may see: what was
 * pruned, keys that are still to be destroyed, permits without an outcome.
 */
public record Noted(List<Group> groups) {
  public static final Noted NOTHING = new Noted(List.of());

  private static final int MOST = 100;

  public Noted {
    groups = List.copyOf(groups);
  }

  /**
   * @param why what it means, in a sentence
   * @param more whether there are more than are listed
   */
  public record Group(String title, String why, List<Line> lines, boolean more) {
    public Group {
      lines = List.copyOf(lines);
    }

    public String heading() {
      return title + " (" + lines.size() + (more ? " and more)" : ")");
    }
  }

  /** A record that has to do with it, and in a few words how. */
  public record Line(String text, String href) {}

  static Noted of(JsonNode body) {
    return new Noted(
        Stream.of(
                group(
                    body,
                    "awaited",
                    "Erased, and not signed yet",
                    "These records' values are gone by an erasure that no checkpoint covers yet. Verify again in a moment.",
                    one -> line(place(one), one.path("by"))),
                group(
                    body,
                    "pruned",
                    "Pruned",
                    "Two operators agreed, and the log signed a note of it: these records may be missing.",
                    Noted::pruned),
                group(
                    body,
                    "undestroyed",
                    "Erased, and the key is still there",
                    "A gateway destroys such a key within minutes, or its own log says why not.",
                    one ->
                        line("Key " + word(one.path("key").asString(""), 8) + "…", one.path("by"))),
                group(
                    body,
                    "open_permits",
                    "Permits without an outcome",
                    "Under way, or left by a gateway that died.",
                    one -> line("Decision " + word(one.path("decision_id").asString(""), 64), one)))
            .filter(group -> !group.lines().isEmpty())
            .toList());
  }

  private static Group group(
      JsonNode body, String name, String title, String why, Function<JsonNode, Line> line) {
    var listed = stream(body.path(name)).limit(MOST).map(line).toList();
    var more = stream(body.path("cut")).anyMatch(cut -> cut.asString("").equals(name));
    return new Group(title, why, listed, more);
  }

  private static Line pruned(JsonNode prune) {
    var epoch = prune.path("epoch").asInt(0);
    return line(
        "%,d records of %04d-%02d, %s"
            .formatted(
                prune.path("records").asLong(0),
                epoch / 100,
                epoch % 100,
                prune.path("removed").asBoolean(false) ? "gone" : "still there"),
        prune.path("by"));
  }

  private static Line line(String text, JsonNode record) {
    var chain = chain(record);
    var seq = record.path("seq").asLong(0);
    return new Line(text, chain.isEmpty() ? "" : "/audit/records/" + chain + "/" + seq);
  }

  private static String place(JsonNode record) {
    return "Record " + record.path("seq").asLong(0) + " of chain " + word(chain(record), 8);
  }

  private static String chain(JsonNode record) {
    var chain = record.path("chain").asString("");
    return chain.matches("[0-9a-f]{32}") ? chain : "";
  }

  private static String word(String text, int most) {
    var plain = text.replaceAll("[^\\x21-\\x7e]", "");
    return plain.substring(0, Math.min(most, plain.length()));
  }

  private static Stream<JsonNode> stream(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }
}
