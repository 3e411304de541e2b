// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Cancelled;
import dev.obolus.audit.AuditEvent.Conclusion;
import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.AuditEvent.Erased;
import dev.obolus.audit.AuditEvent.Failed;
import dev.obolus.audit.AuditEvent.Frozen;
import dev.obolus.audit.AuditEvent.KeyIssued;
import dev.obolus.audit.AuditEvent.KeyRefused;
import dev.obolus.audit.AuditEvent.KeyWithdrawn;
import dev.obolus.audit.AuditEvent.Opened;
import dev.obolus.audit.AuditEvent.OperatorActed;
import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.AuditEvent.PolicyChanged;
import dev.obolus.audit.AuditEvent.Pruned;
import dev.obolus.audit.AuditEvent.Rejected;
import dev.obolus.audit.AuditEvent.Served;
import dev.obolus.audit.AuditEvent.SignedIn;
import dev.obolus.audit.AuditEvent.Unfrozen;
import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Writes an event's own fields, in ascending order, and sets its personal values apart. */
final class Content {
  static final int SALT_LENGTH = 16;
  private static final int NONCE_LENGTH = 12;

  private final ByteWriter out;
  private final ValueSeal values;
  private final ValueSeal.RecordSeal seal;
  private final RandomBytes random;
  private final List<Personal> personal = new ArrayList<>(4);
  private String pseudonym = "-";

  private Content(ByteWriter out, ValueSeal values, Place place, RandomBytes random) {
    this.out = out;
    this.values = values;
    this.seal = values.at(place.chain(), place.seq());
    this.random = random;
  }

  static Written write(ByteWriter out, Sealable what, Place place, RandomBytes random) {
    Content content = new Content(out, valuesOf(what), place, random);
    switch (what) {
      case Sealable.Event event -> content.event(event.event());
      case Sealable.Open open -> content.open(open);
      case Sealable.Close close -> out.field(Tag.REASON, close.reason());
      case Sealable.Tombstone tombstone -> {
        out.field(Tag.EARLIER_HEADS, List.of(tombstone.left().toString()));
        out.field(Tag.REASON, "lease_ended");
      }
      case Sealable.Recovery recovery -> {
        out.field(
            Tag.EARLIER_HEADS, recovery.lost().stream().map(Sealable.Head::toString).toList());
        out.field(Tag.REASON, "database_set_back");
      }
      case Sealable.ClockStep step -> {
        out.field(Tag.FROM, micros(step.expected()));
        out.field(Tag.TO, micros(step.found()));
      }
      case Sealable.Orphan orphan -> content.orphan(orphan);
    }
    content.values();
    return new Written(content.personal, Search.of(what, content.pseudonym));
  }

  private static ValueSeal valuesOf(Sealable what) {
    return what instanceof Sealable.Event event ? event.values() : ValueSeal.NONE;
  }

  /** Where the record stands. */
  record Place(ChainId chain, long seq) {}

  /** What was set apart, and what the record may be found by. */
  record Written(List<Personal> personal, Search search) {}

  private void event(AuditEvent event) {
    switch (event) {
      case Decided decided -> decided(decided);
      case Served served -> served(served);
      case Failed failed -> failed(failed);
      case Cancelled cancelled -> {
        conclusion(cancelled.conclusion());
        out.field(Tag.SOURCE_STATE, cancelled.sourceState());
      }
      case Rejected rejected -> {
        out.field(Tag.FROM, micros(rejected.from()));
        out.field(Tag.TO, micros(rejected.to()));
        out.field(Tag.COUNTS, Json.counts(rejected.counts()));
      }
      case SignedIn signedIn -> {
        person(Optional.of(signedIn.person()));
        out.field(Tag.CLIENT, signedIn.client());
        out.field(Tag.ROLES, signedIn.roles());
      }
      case OperatorActed acted -> {
        person(Optional.of(acted.person()));
        out.field(Tag.CLIENT, acted.client());
        out.field(Tag.ACTION, acted.action());
        out.field(Tag.ABOUT, acted.about());
        out.field(Tag.RESULT, acted.result());
      }
      case Erased erased -> {
        person(Optional.of(erased.person()));
        out.field(Tag.CLIENT, erased.client());
        out.field(Tag.ABOUT, erased.about());
        out.field(Tag.REASON, erased.reason());
        ByteWriter keys = new ByteWriter(256);
        erased.keys().forEach(name -> keys.put(name.toArray()));
        out.field(Tag.ERASED_KEYS, keys.toArray());
        out.field(Tag.PROPOSAL, erased.proposal());
      }
      case Pruned pruned -> pruned(pruned);
      case Frozen frozen -> {
        person(frozen.person());
        text(Tag.CLIENT, frozen.client());
        text(Tag.CONNECTOR, frozen.connector());
        if (frozen.until().isPresent()) {
          out.field(Tag.TO, micros(frozen.until().get()));
        }
        out.field(Tag.ABOUT, frozen.scope());
        out.field(Tag.SOURCE, frozen.operator());
        out.field(Tag.REASON, frozen.reason());
        out.field(Tag.PROPOSAL, frozen.act());
      }
      case Unfrozen unfrozen -> {
        out.field(Tag.ABOUT, unfrozen.freeze());
        out.field(Tag.SOURCE, unfrozen.operator());
        out.field(Tag.REASON, unfrozen.reason());
        out.field(Tag.PROPOSAL, unfrozen.act());
      }
      case PolicyChanged changed -> {
        out.field(Tag.REVISION, changed.revision());
        out.field(Tag.RESULT, changed.result());
        out.field(Tag.PREVIOUS_REVISION, changed.previous());
        out.field(Tag.SOURCE, changed.source());
      }
      case KeyIssued issued -> {
        out.field(Tag.FROM, micros(issued.issued()));
        out.field(Tag.TO, micros(issued.expires()));
        out.field(Tag.ABOUT, issued.chain().toString());
        out.field(Tag.SOURCE, issued.gateway());
      }
      case KeyRefused refused -> {
        out.field(Tag.ABOUT, Integer.toString(refused.epoch()));
        out.field(Tag.RESULT, refused.why());
        out.field(Tag.SOURCE, refused.gateway());
      }
      case KeyWithdrawn withdrawn -> {
        out.field(Tag.ABOUT, withdrawn.chain().toString());
        out.field(Tag.SOURCE, withdrawn.enrolment());
      }
      case Opened ignored -> throw new IllegalArgumentException("the log itself opens its chains");
    }
  }

  private void decided(Decided decided) {
    out.field(Tag.DECISION_ID, decided.decisionId());
    person(decided.person());
    out.field(Tag.CLIENT, decided.actor().client());
    text(Tag.AGENT, decided.actor().agent());
    out.field(Tag.STRENGTH, decided.actor().strength());
    out.field(Tag.VIA, decided.actor().via());
    out.field(Tag.LANE, decided.lane());
    out.field(Tag.ENVIRONMENT, decided.environment());
    out.field(Tag.CONNECTOR, decided.connector());
    out.field(Tag.OPERATION, decided.operation());
    out.field(Tag.ACTION_CLASS, decided.actionClass());
    out.field(Tag.RESOURCES, decided.resources().stream().map(AuditEvent.Resource::name).toList());
    out.field(Tag.LABELS, Json.labels(decided.resources()));
    text(Tag.PURPOSE, decided.purpose());
    text(Tag.CONVERSATION, decided.conversation());
    text(Tag.TRACE, decided.trace());
    text(Tag.TOKEN_ID, decided.tokenId());
    out.field(Tag.CLIENT_REQUEST_ID, decided.clientRequestId());
    out.field(Tag.EFFECT, decided.effect());
    out.field(Tag.REASONS, decided.reasons().stream().map(AuditEvent.Reason::code).toList());
    out.field(Tag.REASON_DETAILS, Json.reasons(decided.reasons()));
    out.field(Tag.OBLIGATION_KINDS, decided.obligationKinds());
    out.field(Tag.REVISION, decided.revision());
    out.field(Tag.EVALUATOR, decided.evaluator());
    out.field(Tag.TOOK_US, micros(decided.took()));
    committed(Tag.STATEMENT, decided.statement());
    committed(Tag.OBLIGATIONS, decided.obligations());
    committed(Tag.INPUTS, decided.policyInputs());
  }

  private void pruned(Pruned pruned) {
    out.field(Tag.REASON, pruned.reason());
    out.field(Tag.PROPOSAL, pruned.proposal());
    out.field(Tag.PRUNED_EPOCH, pruned.epoch());
    out.field(Tag.PRUNED_TENANTS, pruned.tenants());
    out.field(Tag.PRUNED_CHAINS, pruned.chains());
    out.field(Tag.PRUNED_TREE, pruned.tree());
    out.field(Tag.RETENTION, pruned.retention());
    out.field(Tag.APPROVERS, pruned.approvers());
    if (pruned.export().isPresent()) {
      out.field(Tag.EXPORT, pruned.export().get().location());
      out.field(Tag.EXPORT_SHA256, pruned.export().get().sha256().toArray());
    }
  }

  private void served(Served served) {
    conclusion(served.conclusion());
    out.field(Tag.TRUNCATED, served.truncated() ? 1 : 0);
    out.field(Tag.WITHHELD_KINDS, served.withheldKinds());
  }

  private void failed(Failed failed) {
    conclusion(failed.conclusion());
    out.field(Tag.ERROR_CODE, failed.code());
    out.field(Tag.BY_SOURCE, failed.bySource() ? 1 : 0);
    out.field(Tag.SOURCE_STATE, failed.sourceState());
  }

  private void conclusion(Conclusion conclusion) {
    out.field(Tag.DECISION_ID, conclusion.decisionId());
    out.field(Tag.LANE, conclusion.lane());
    out.field(Tag.ENVIRONMENT, conclusion.environment());
    out.field(
        Tag.RESOURCES, conclusion.resources().stream().map(AuditEvent.Resource::name).toList());
    out.field(Tag.LABELS, Json.labels(conclusion.resources()));
    text(Tag.CONVERSATION, conclusion.conversation());
    text(Tag.TRACE, conclusion.trace());
    text(Tag.TOKEN_ID, conclusion.tokenId());
    out.field(Tag.CLIENT_REQUEST_ID, conclusion.clientRequestId());
    out.field(Tag.TOOK_US, micros(conclusion.took()));
    out.field(Tag.PERMIT_CHAIN, conclusion.permitChain().bytes().toArray());
    out.field(Tag.PERMIT_SEQ, conclusion.permitSeq());
    out.field(Tag.ROWS, conclusion.rows());
    out.field(Tag.BYTES_READ, conclusion.bytes());
    text(Tag.ENTRA_CORRELATION_ID, conclusion.entraCorrelationId());
    out.field(Tag.UPSTREAM_IDS, conclusion.upstreamIds());
  }

  /** A failure in the permit's own words: what was known when it was decided, and no more. */
  private void orphan(Sealable.Orphan orphan) {
    for (Tag tag : List.of(Tag.DECISION_ID, Tag.LANE, Tag.ENVIRONMENT)) {
      again(orphan, tag);
    }
    for (Tag tag : List.of(Tag.RESOURCES, Tag.LABELS, Tag.CONVERSATION, Tag.TRACE, Tag.TOKEN_ID)) {
      again(orphan, tag);
    }
    again(orphan, Tag.CLIENT_REQUEST_ID);
    out.field(Tag.TOOK_US, 0);
    out.field(Tag.PERMIT_CHAIN, orphan.chain().bytes().toArray());
    out.field(Tag.PERMIT_SEQ, orphan.seq());
    out.field(Tag.ROWS, 0);
    out.field(Tag.BYTES_READ, 0);
    out.field(Tag.UPSTREAM_IDS, List.of());
    out.field(Tag.ERROR_CODE, "outcome_unknown");
    out.field(Tag.BY_SOURCE, 0);
    out.field(Tag.SOURCE_STATE, "unknown");
  }

  private void again(Sealable.Orphan orphan, Tag tag) {
    switch (orphan.permit().get(tag.label())) {
      case Field.Text(String text) -> out.field(tag, text);
      case Field.Json(String json) -> out.field(tag, json);
      case Field.Texts(List<String> texts) -> out.field(tag, texts);
      case Field.Whole(long whole) -> out.field(tag, whole);
      case Field.Committed ignored ->
          throw new IllegalArgumentException("a commitment is not said again: " + tag);
      case null -> {} // it was not known then either
    }
  }

  private void open(Sealable.Open open) {
    out.field(Tag.SETTINGS, Json.texts(open.settings()));
    out.field(
        Tag.EARLIER_HEADS, open.earlierHeads().stream().map(Sealable.Head::toString).toList());
    out.field(Tag.KEY_COMMITMENT, open.keyCommitment().toArray());
    out.field(Tag.SCHEMA_VERSION, open.schemaVersion());
    if (open.handover().isPresent()) {
      Sealable.Handover handover = open.handover().get();
      out.field(Tag.PREDECESSOR, handover.predecessor() + " " + handover.keyId());
      out.field(Tag.PREDECESSOR_MAC, handover.mac().toArray());
    }
    if (!open.revokedKeys().isEmpty()) {
      out.field(Tag.REVOKED_KEYS, open.revokedKeys());
    }
  }

  private void person(Optional<Person> person) {
    if (person.isPresent()) {
      pseudonym = values.pseudonym();
      out.field(Tag.PERSON, pseudonym);
      committed(Tag.PERSON_VALUE, person.map(known -> known.tenant() + "/" + known.objectId()));
    }
  }

  private void text(Tag tag, Optional<String> text) {
    text.ifPresent(present -> out.field(tag, present));
  }

  /** A commitment: SHA-256 over domain, field number, salt and value. */
  private void committed(Tag tag, Optional<String> value) {
    if (value.isEmpty()) {
      return;
    }
    byte[] text = ByteWriter.utf8(value.get());
    byte[] bytes = Arrays.copyOf(random.next(SALT_LENGTH), SALT_LENGTH + text.length);
    System.arraycopy(text, 0, bytes, SALT_LENGTH, text.length);
    out.field(tag, Commitments.of(tag, bytes).toArray());
    byte[] sealed = seal.seal(tag.number(), random.next(NONCE_LENGTH), bytes);
    personal.add(new Personal(tag, Bytes.of(sealed)));
  }

  /** What binds the stored values to the record: their keys' names, and their digests. */
  private void values() {
    if (personal.isEmpty()) {
      return;
    }
    ByteWriter keys = new ByteWriter(128);
    values.keys().forEach(name -> keys.put(name.toArray()));
    ByteWriter digests = new ByteWriter(160);
    for (Personal value : personal) {
      digests.put16(value.tag().number());
      digests.put(Crypto.sha256().digest(value.sealed().toArray()));
    }
    out.field(Tag.VALUE_KEYS, keys.toArray());
    out.field(Tag.VALUE_DIGESTS, digests.toArray());
  }

  static long micros(Instant at) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, at);
  }

  static long micros(Duration took) {
    return took.toNanos() / 1_000;
  }
}
