// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.query;

import dev.obolus.audit.chain.EventCode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What a record can be asked for, with the words that operators type. */
public enum Key {
  EFFECT(
      "how it was decided; error is a call that failed",
      "effect:deny,held",
      "allow deny step_up approval_needed error"),
  EVENT("what kind of record it is", "event:decided", "*"),
  CODE("the event's code", "code:OBO1001D", ""),
  USER("the person, by name or pseudonym", "user:\"Ann Example\"", "", "who"),
  AGENT("the agent's registered name", "agent:report-bot", ""),
  CLIENT("the calling application's id", "client:0b010500-*", ""),
  CONNECTOR("the connector's id", "connector:databricks-sales", ""),
  ACTION("the operation, or an operator's act", "-action:list", "", "operation"),
  CLASS("what kind of action it is", "class:write,delete", "read write delete execute admin"),
  LANE("whose access the source was called with", "lane:obo", "obo workload saas key"),
  RESOURCE("a table or other thing that was touched", "resource:main.sales.*", ""),
  LABEL("a label of it, or of one of its columns", "label:pii", ""),
  RULE("the code of a reason", "rule:ORG-017", "", "reason"),
  REV("the policy revision that decided", "rev:r-3f9a*", ""),
  PURPOSE("the declared purpose", "purpose:\"quarter close\"", ""),
  CONVERSATION("the agent's conversation", "conversation:c-7f3c", ""),
  DECISION("a decision and its outcome", "decision:0198*", ""),
  TOKEN("the inbound token's uti", "token.jti:a91*", "", "uti"),
  MS("how long it took, in milliseconds", "ms:>200", ""),
  SEQ("the place in its chain", "seq:100..200", ""),
  CHAIN("the chain, one for each start of a gateway", "chain:4f9d0c31*", ""),
  TENANT("the tenant whose data it is about", "tenant:0b010500-*", ""),
  APPROVAL("an approval; no record names one yet", "approval:a-17", ""),
  TEXT("a part of any word of the record", "text:\"main.sales\"", ""),
  FROM("at or after", "from:now-15m", ""),
  TO("up to the end of", "to:2026-11-21", "");

  private static final Map<String, Key> BY_WORD = new HashMap<>();

  static {
    for (Key key : values()) {
      key.typed().forEach(word -> BY_WORD.put(word, key));
    }
  }

  private final String help;
  private final String example;
  private final String words;
  private final String aliases;

  Key(String help, String example, String words) {
    this(help, example, words, "");
  }

  /**
   * A key.
   *
   * @param words the only ones that records hold, {@code *} for those of all events, or none
   * @param aliases other words for the key
   */
  Key(String help, String example, String words, String aliases) {
    this.help = help;
    this.example = example;
    this.words = words;
    this.aliases = aliases;
  }

  /** As the canonical text has it. */
  public String word() {
    return this == TOKEN ? "token.jti" : name().toLowerCase(java.util.Locale.ROOT);
  }

  /** What it asks for, in a few words. */
  public String help() {
    return help;
  }

  /** One term with it. */
  public String example() {
    return example;
  }

  /** The only words that records hold; empty where they may hold anything. */
  List<String> words() {
    return words.equals("*")
        ? Arrays.stream(EventCode.values()).map(EventCode::event).distinct().toList()
        : split(words);
  }

  private static List<String> split(String words) {
    return words.isEmpty() ? List.of() : List.of(words.split(" ", -1));
  }

  /** Every word by which it can be typed. */
  Stream<String> typed() {
    return Stream.concat(Stream.of(word()), split(aliases).stream());
  }

  /** The words of all keys. */
  static List<String> all() {
    return Arrays.stream(values()).flatMap(Key::typed).toList();
  }

  static Optional<Key> find(String word) {
    return Optional.ofNullable(BY_WORD.get(word.toLowerCase(java.util.Locale.ROOT)));
  }
}
