// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.reading;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.ChainId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * One line of the log: what a list shows of a record. Absent texts are empty.
 *
 * @param effect of a decision, in the log's words; {@code error} of a failed call; else empty
 * @param person the pseudonym, or empty
 * @param agent the registered name, or empty
 * @param about what an operator's action was done to, or the code of a failure
 * @param permit the decision's own record, named by an outcome
 */
public record Entry(
    Place place,
    String tenant,
    Instant at,
    String event,
    String code,
    String effect,
    String person,
    String client,
    String agent,
    String connector,
    String operation,
    String action,
    List<Touched> resources,
    List<Why> reasons,
    String purpose,
    String conversation,
    String revision,
    String decision,
    String about,
    boolean bySource,
    OptionalLong rows,
    OptionalLong bytes,
    OptionalLong tookMicros,
    Optional<Place> permit) {

  /** A record's address. */
  public record Place(ChainId chain, long seq) {
    /** The path of its page. */
    public String href() {
      return "/audit/records/" + chain + "/" + seq;
    }

    /** Its key in a page and in frames. */
    public String key() {
      return chain + "/" + seq;
    }
  }

  /** A resource that was touched, with the labels of it and of its columns. */
  public record Touched(String name, List<String> labels, List<Column> columns) {
    /** Every label of the resource and of its columns, once. */
    public List<String> everyLabel() {
      return Stream.concat(labels.stream(), columns.stream().flatMap(c -> c.labels().stream()))
          .distinct()
          .toList();
    }
  }

  /** A column that was touched. */
  public record Column(String name, List<String> labels) {}

  /** A reason: a code of the policy's catalogue and its arguments, {@code name=value}. */
  public record Why(String code, String layer, List<String> args) {}

  /** Reads a record as a line. */
  public static Entry of(AuditRecord record) {
    return EntryReader.read(record);
  }

  /** How it is coloured and marked. */
  public Tone tone() {
    return switch (event) {
      case "decided" -> ofEffect();
      case "served" -> Tone.SERVED;
      case "failed" -> bySource ? Tone.DENY : Tone.ERROR;
      case "cancelled" -> Tone.CANCELLED;
      default -> Tone.SYSTEM;
    };
  }

  private Tone ofEffect() {
    return switch (effect) {
      case "allow" -> Tone.ALLOW;
      case "step_up", "approval_needed" -> Tone.HELD;
      default -> Tone.DENY;
    };
  }

  /** This outcome with who and what taken from its decision, for showing only. */
  public Entry toldBy(Entry decided) {
    return new Entry(
        place,
        tenant,
        at,
        event,
        code,
        effect,
        decided.person,
        decided.client,
        decided.agent,
        decided.connector,
        decided.operation,
        decided.action,
        decided.resources,
        reasons,
        decided.purpose,
        decided.conversation,
        decided.revision,
        decision,
        about,
        bySource,
        rows,
        bytes,
        tookMicros,
        permit);
  }
}
