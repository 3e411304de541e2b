// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** What a chain takes: its first record, events, its last record. */
public sealed interface Sealable {

  /**
   * An event.
   *
   * @param values what hides its personal values
   */
  record Event(AuditEvent event, ValueSeal values) implements Sealable {}

  /**
   * A chain's first record.
   *
   * @param settings what the gateway trusted when it started
   * @param earlierHeads the heads of all other chains, as the database showed them
   * @param keyCommitment to the chain's key
   * @param handover from the newest earlier chain whose key is held
   * @param revokedKeys root ids that nothing after this record may be sealed under
   */
  record Open(
      Map<String, String> settings,
      List<Head> earlierHeads,
      Bytes keyCommitment,
      String schemaVersion,
      Optional<Handover> handover,
      List<String> revokedKeys)
      implements Sealable {
    public Open {
      settings = Map.copyOf(settings);
      earlierHeads = List.copyOf(earlierHeads);
      revokedKeys = List.copyOf(revokedKeys);
    }

    /** A first record that takes over from no chain. */
    public Open(
        Map<String, String> settings,
        List<Head> earlierHeads,
        Bytes keyCommitment,
        String schemaVersion) {
      this(settings, earlierHeads, keyCommitment, schemaVersion, Optional.empty(), List.of());
    }
  }

  /**
   * An earlier chain's word for a later one.
   *
   * @param predecessor the earlier chain as it was known
   * @param keyId the key that it is sealed with
   * @param mac over both chains, by the earlier one's key
   */
  record Handover(Head predecessor, String keyId, Bytes mac) {}

  /** A chain's last record. */
  record Close(String reason) implements Sealable {}

  /**
   * That another chain was left without a last record, by a gateway that died.
   *
   * @param left where that chain ends
   */
  record Tombstone(Head left) implements Sealable {}

  /**
   * The outcome, which nobody can tell any more, of a permit in a chain that was left.
   *
   * @param permit the fields that the permit was sealed with
   */
  record Orphan(ChainId chain, long seq, SequencedMap<String, Field> permit) implements Sealable {
    public Orphan {
      permit = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(permit));
    }

    @Override
    public String tenant() {
      return permit.get("tenant") instanceof Field.Text text ? text.value() : "-";
    }
  }

  /** The clock was set: what it should have shown, and what it showed. */
  record ClockStep(Instant expected, Instant found) implements Sealable {}

  /**
   * The database no longer has what it once acknowledged: it was set back.
   *
   * @param lost the chains that are behind, as this gateway remembers them
   */
  record Recovery(List<Head> lost) implements Sealable {
    public Recovery {
      lost = List.copyOf(lost);
    }
  }

  /** A chain and its newest record. */
  record Head(ChainId chain, long seq, Bytes mac) {
    @Override
    public String toString() {
      return chain + " " + seq + " " + mac;
    }
  }

  /** The tenant that the record is about. */
  default String tenant() {
    return this instanceof Event event ? event.event().tenant() : "-";
  }
}
