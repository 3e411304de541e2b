// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.reading;

import dev.obolus.audit.query.Value;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The names behind pseudonyms, as one operator was told them. Lives in that operator's session and
 * nowhere else; whoever is not in it stays a pseudonym.
 */
public record People(Map<String, String> names) {
  public static final People UNKNOWN = new People(Map.of());
  private static final Pattern PSEUDONYM = Pattern.compile("\\bp-[0-9a-f]{32}\\b");
  private static final Pattern WHO = Pattern.compile("\"who\":\"(p-[0-9a-f]{32})\"");

  public People {
    names = Map.copyOf(names);
  }

  /** The name, or the pseudonym shortened. */
  public String name(String pseudonym) {
    var name = names.get(pseudonym);
    return name == null ? shortened(pseudonym) : Shown.of(name);
  }

  /** Every pseudonym of that name. */
  public Set<String> pseudonyms(String name) {
    return names.entrySet().stream()
        .filter(e -> e.getValue().toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT)))
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** A frame that was encoded once for everybody, with this operator's names in it. */
  public String named(String frame) {
    return WHO.matcher(frame)
        .replaceAll(m -> Matcher.quoteReplacement("\"who\":" + quoted(name(m.group(1)))));
  }

  /** A query as its author would write it: names in place of the pseudonyms that have one. */
  public String inQuery(String query) {
    return PSEUDONYM.matcher(query).replaceAll(m -> Matcher.quoteReplacement(asTyped(m.group())));
  }

  private String asTyped(String pseudonym) {
    var name = names.get(pseudonym);
    return name == null ? pseudonym : Value.Text.of(name).toString();
  }

  private static String quoted(String text) {
    return tools.jackson.databind.json.JsonMapper.shared().writeValueAsString(text);
  }

  private static String shortened(String pseudonym) {
    return pseudonym.length() > 10 ? pseudonym.substring(0, 10) + "…" : pseudonym;
  }

  @Override
  public String toString() {
    return "People[" + names.size() + "]";
  }
}
