// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.AuditRecord.Field;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a record can be found by: copies of canonical fields, so that the store can compare them. A
 * verification derives them again.
 *
 * @param person the pseudonym, or {@code -}
 * @param action the operation, or what an operator did
 * @param labels of the resources and their columns, each once
 */
public record Search(
    Optional<String> effect,
    Optional<String> decisionId,
    String person,
    Optional<String> client,
    Optional<String> connector,
    List<String> resources,
    List<String> reasons,
    Optional<String> agent,
    Optional<String> action,
    Optional<String> actionClass,
    Optional<String> lane,
    List<String> labels,
    Optional<String> purpose,
    Optional<String> conversation,
    Optional<String> tokenId,
    Optional<String> revision,
    OptionalLong tookMicros) {
  private static final Search NOTHING =
      new Search(
          Optional.empty(),
          Optional.empty(),
          "-",
          Optional.empty(),
          Optional.empty(),
          List.of(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalLong.empty());

  static Search of(Sealable what, String person) {
    return switch (what) {
      case Sealable.Event(Decided decided, ValueSeal _) -> ofDecided(decided, person);
      case Sealable.Event(AuditEvent.Served served, ValueSeal _) -> ofOutcome(served.conclusion());
      case Sealable.Event(AuditEvent.Failed failed, ValueSeal _) -> ofOutcome(failed.conclusion());
      case Sealable.Event(AuditEvent.Cancelled cancelled, ValueSeal _) ->
          ofOutcome(cancelled.conclusion());
      case Sealable.Event(AuditEvent.SignedIn signedIn, ValueSeal _) ->
          ofClient(signedIn.client(), person, Optional.empty());
      case Sealable.Event(AuditEvent.OperatorActed acted, ValueSeal _) ->
          ofClient(acted.client(), person, Optional.of(acted.action()));
      case Sealable.Event(AuditEvent.Erased erased, ValueSeal _) ->
          ofClient(erased.client(), person, Optional.empty());
      case Sealable.Event(AuditEvent.PolicyChanged changed, ValueSeal _) ->
          ofRevision(changed.revision());
      case Sealable.Event(AuditEvent.Frozen frozen, ValueSeal _) -> ofFreeze(frozen, person);
      case Sealable.Event(AuditEvent.Unfrozen _, ValueSeal _) -> NOTHING;
      case Sealable.Event(AuditEvent.Pruned _, ValueSeal _) -> NOTHING;
      case Sealable.Event(AuditEvent.Rejected _, ValueSeal _) -> NOTHING;
      case Sealable.Event(AuditEvent.KeyIssued _, ValueSeal _) -> NOTHING;
      case Sealable.Event(AuditEvent.KeyRefused _, ValueSeal _) -> NOTHING;
      case Sealable.Event(AuditEvent.KeyWithdrawn _, ValueSeal _) -> NOTHING;
      case Sealable.Event(AuditEvent.Opened _, ValueSeal _) -> NOTHING;
      case Sealable.Orphan orphan -> ofOrphan(orphan);
      case Sealable.Open _, Sealable.Close _, Sealable.Tombstone _ -> NOTHING;
      case Sealable.ClockStep _, Sealable.Recovery _ -> NOTHING;
    };
  }

  private static Search ofDecided(Decided decided, String person) {
    return new Search(
        Optional.of(decided.effect()),
        Optional.of(decided.decisionId()),
        person,
        Optional.of(decided.actor().client()),
        Optional.of(decided.connector()),
        names(decided.resources()),
        decided.reasons().stream().map(AuditEvent.Reason::code).toList(),
        decided.actor().agent(),
        Optional.of(decided.operation()),
        Optional.of(decided.actionClass()),
        Optional.of(decided.lane()),
        Labels.of(decided.resources()),
        decided.purpose(),
        decided.conversation(),
        decided.tokenId(),
        Optional.of(decided.revision()),
        OptionalLong.of(Content.micros(decided.took())));
  }

  private static Search ofOutcome(AuditEvent.Conclusion conclusion) {
    return ofOutcome(
        Optional.of(conclusion.decisionId()),
        names(conclusion.resources()),
        Optional.of(conclusion.lane()),
        Labels.of(conclusion.resources()),
        conclusion.conversation(),
        conclusion.tokenId(),
        Content.micros(conclusion.took()));
  }

  private static Search ofOrphan(Sealable.Orphan orphan) {
    return ofOutcome(
        again(orphan, Tag.DECISION_ID),
        orphan.permit().get(Tag.RESOURCES.label()) instanceof Field.Texts(List<String> names)
            ? names
            : List.of(),
        again(orphan, Tag.LANE),
        orphan.permit().get(Tag.LABELS.label()) instanceof Field.Json(String json)
            ? Labels.of(json)
            : List.of(),
        again(orphan, Tag.CONVERSATION),
        again(orphan, Tag.TOKEN_ID),
        0);
  }

  private static Optional<String> again(Sealable.Orphan orphan, Tag tag) {
    return orphan.permit().get(tag.label()) instanceof Field.Text(String text)
        ? Optional.of(text)
        : Optional.empty();
  }

  private static Search ofOutcome(
      Optional<String> decisionId,
      List<String> resources,
      Optional<String> lane,
      List<String> labels,
      Optional<String> conversation,
      Optional<String> tokenId,
      long tookMicros) {
    return new Search(
        Optional.empty(),
        decisionId,
        "-",
        Optional.empty(),
        Optional.empty(),
        resources,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        lane,
        labels,
        Optional.empty(),
        conversation,
        tokenId,
        Optional.empty(),
        OptionalLong.of(tookMicros));
  }

  private static List<String> names(List<AuditEvent.Resource> resources) {
    return resources.stream().map(AuditEvent.Resource::name).toList();
  }

  private static Search ofFreeze(AuditEvent.Frozen frozen, String person) {
    return new Search(
        Optional.empty(),
        Optional.empty(),
        person,
        frozen.client(),
        frozen.connector(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty());
  }

  private static Search ofClient(String client, String person, Optional<String> action) {
    return new Search(
        Optional.empty(),
        Optional.empty(),
        person,
        Optional.of(client),
        Optional.empty(),
        List.of(),
        List.of(),
        Optional.empty(),
        action,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty());
  }

  private static Search ofRevision(String revision) {
    return new Search(
        Optional.empty(),
        Optional.empty(),
        "-",
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(revision),
        OptionalLong.empty());
  }
}
