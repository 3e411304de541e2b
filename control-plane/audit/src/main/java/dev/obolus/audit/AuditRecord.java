// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A record as it is stored and may be shown: no personal value is in it.
 *
 * @param code the stable event code, such as {@code OBO1001A}
 * @param event the event's word: {@code decided · served · failed · cancelled · rejected · …}
 * @param tenantSeq its place among this chain's records of its tenant, dense from 1
 * @param person the keyed pseudonym of the person, or {@code -}
 * @param at when it was sealed, microseconds
 * @param fields what the canonical bytes say, in their order
 * @param canonical the bytes that were hashed
 * @param prevMac the MAC of the record before, zeroes for the first
 */
public record AuditRecord(
    ChainId chain,
    long seq,
    String tenant,
    long tenantSeq,
    String eventId,
    String keyId,
    String code,
    String event,
    String person,
    Instant at,
    SequencedMap<String, Field> fields,
    Bytes canonical,
    Bytes leaf,
    Bytes mac,
    Bytes prevMac) {

  /** The one field of a record whose bytes are none of the format: somebody changed them. */
  public static final String UNREADABLE = "unreadable";

  private static final Pattern NAMED =
      Pattern.compile("\"(tenants|operator_tenants|operator_data_tenants)\":\"([^\"]*)\"");

  /**
   * The tenants that it tells of: its own, or if it is of none those that it names, as the record
   * of a prune and a chain's first record do. Whoever may not see all of them does not see it; nor
   * does anybody see a record of none that cannot be read.
   */
  public Set<String> tenants() {
    return tenant.equals("-") ? named() : Set.of(tenant);
  }

  private Set<String> named() {
    Set<String> named = new HashSet<>();
    if (fields.containsKey(UNREADABLE)) {
      named.add(UNREADABLE); // the name of no tenant
    }
    if (fields.get("pruned_tenants") instanceof Field.Texts(List<String> pruned)) {
      named.addAll(pruned);
    }
    if (fields.get("settings") instanceof Field.Json(String settings)) {
      Matcher each = NAMED.matcher(settings);
      while (each.find()) {
        named.addAll(List.of(each.group(2).split("[ ,=]+")));
      }
    }
    named.remove("");
    return named;
  }

  /** One field of the canonical bytes. */
  public sealed interface Field {
    record Text(String value) implements Field {}

    record Whole(long value) implements Field {}

    record Texts(List<String> values) implements Field {}

    /** Structured, as canonical JSON text. */
    record Json(String value) implements Field {}

    /** A personal value: only its commitment is here. */
    record Committed(Bytes commitment) implements Field {}
  }
}
