// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.document;

import dev.obolus.policy.EngineFault;
import dev.obolus.policy.Reason;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * What each reason code says, and what its arguments may be. Part of a revision; produced from the
 * rules' own {@code # METADATA}.
 *
 * <p>Guarantees: an argument is one of an enumeration, or the value that stands at a named place in
 * this caller's own request; a policy cannot carry anything else out.
 */
public final class Catalogue {
  private final Map<String, Entry> entries;
  private final String json;

  private Catalogue(Map<String, Entry> entries, String json) {
    this.entries = Map.copyOf(entries);
    this.json = json;
  }

  /**
   * @param from a dotted path into the input, or empty
   * @param words the enumeration, or empty
   */
  record Argument(Optional<String> from, Set<String> words) {}

  record Entry(String layer, Reason.About about, String text, Map<String, Argument> args) {}

  /** Reads the JSON form, {@code {"v":1,"reasons":{…}}}. */
  public static Catalogue parse(String json) {
    JsonNode root = StrictJson.read(json);
    Map<String, Entry> entries = new TreeMap<>();
    root.path("reasons")
        .properties()
        .forEach(member -> entries.put(member.getKey(), entry(member.getValue())));
    return new Catalogue(entries, StrictJson.write(root));
  }

  private static Entry entry(JsonNode node) {
    Map<String, Argument> args = new TreeMap<>();
    node.path("args")
        .properties()
        .forEach(member -> args.put(member.getKey(), argument(member.getValue())));
    return new Entry(
        node.path("layer").asString(),
        Reason.About.valueOf(node.path("about").asString().toUpperCase(Locale.ROOT)),
        node.path("text").asString(),
        args);
  }

  private static Argument argument(JsonNode node) {
    return new Argument(
        node.has("from") ? Optional.of(node.path("from").asString()) : Optional.empty(),
        node.path("enum").valueStream().map(JsonNode::asString).collect(Collectors.toSet()));
  }

  /** Canonical JSON, for the revision's digest. */
  public String json() {
    return json;
  }

  /** Each code's text, its arguments still to be filled in. */
  public Map<String, String> texts() {
    return entries.entrySet().stream()
        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, e -> e.getValue().text()));
  }

  /** Every code, for tests and pages. */
  public Set<String> codes() {
    return entries.keySet();
  }

  boolean knows(String code) {
    return entries.containsKey(code);
  }

  Reason reason(String code, JsonNode args, InputDocument input) throws UnfitDocument {
    Entry entry = require(code);
    Map<String, String> checked = new HashMap<>();
    if (!args.isObject() || !Set.copyOf(args.propertyNames()).equals(entry.args().keySet())) {
      throw unfit("the arguments of " + code);
    }
    for (Map.Entry<String, Argument> argument : entry.args().entrySet()) {
      String name = argument.getKey();
      checked.put(name, value(code, args.get(name), argument.getValue(), input));
    }
    return new Reason(code, entry.layer(), entry.about(), fill(entry.text(), checked), checked);
  }

  /** The reason that explains an obligation; its only argument is the obligation's kind. */
  Reason obligation(String rule, String kind) throws UnfitDocument {
    Entry entry = require(rule);
    return new Reason(rule, entry.layer(), entry.about(), entry.text(), Map.of("obligation", kind));
  }

  private Entry require(String code) throws UnfitDocument {
    Entry entry = entries.get(code);
    if (entry == null) {
      throw unfit("a code that is not in the catalogue");
    }
    return entry;
  }

  private static String value(String code, JsonNode value, Argument allowed, InputDocument input)
      throws UnfitDocument {
    boolean fits =
        value.isString()
            && (allowed.words().contains(value.stringValue())
                || allowed.from().map(path -> at(input.tree(), path).equals(value)).orElse(false));
    if (!fits) {
      throw unfit("an argument of " + code);
    }
    return value.stringValue();
  }

  private static JsonNode at(JsonNode tree, String path) {
    JsonNode node = tree;
    for (String step : path.split("\\.", -1)) {
      node = node.path(step);
    }
    return node;
  }

  private static String fill(String text, Map<String, String> args) {
    String filled = text;
    for (Map.Entry<String, String> argument : args.entrySet()) {
      filled = filled.replace("{" + argument.getKey() + "}", argument.getValue());
    }
    return filled;
  }

  private static UnfitDocument unfit(String detail) {
    return new UnfitDocument(EngineFault.UNFIT_RESULT, detail);
  }
}
