// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.AuditRecord.Field;
import java.util.List;
import java.util.Optional;

/**
 * What a record can be found by: copies of canonical fields, so that an index can hold them. A
 * verification derives them again.
 *
 * @param person the pseudonym, or {@code -}
 */
public record Search(
    Optional<String> effect,
    Optional<String> decisionId,
    String person,
    Optional<String> client,
    Optional<String> connector,
    List<String> resources,
    List<String> reasons) {

  static Search of(Sealable what, String person) {
    return switch (what) {
      case Sealable.Event(Decided decided, ValueSeal _) -> ofDecided(decided, person);
      case Sealable.Event(AuditEvent.Served served, ValueSeal _) -> ofOutcome(served.conclusion());
      case Sealable.Event(AuditEvent.Failed failed, ValueSeal _) -> ofOutcome(failed.conclusion());
      case Sealable.Event(AuditEvent.Cancelled cancelled, ValueSeal _) ->
          ofOutcome(cancelled.conclusion());
      case Sealable.Event(AuditEvent.SignedIn signedIn, ValueSeal _) ->
          ofClient(signedIn.client(), person);
      case Sealable.Event(AuditEvent.OperatorActed acted, ValueSeal _) ->
          ofClient(acted.client(), person);
      case Sealable.Event(AuditEvent.Erased erased, ValueSeal _) ->
          ofClient(erased.client(), person);
      case Sealable.Event(AuditEvent.Rejected _, ValueSeal _) -> ofNothing();
      case Sealable.Event(AuditEvent.PolicyChanged _, ValueSeal _) -> ofNothing();
      case Sealable.Event(AuditEvent.Opened _, ValueSeal _) -> ofNothing();
      case Sealable.Orphan orphan -> ofOrphan(orphan);
      case Sealable.Open _, Sealable.Close _, Sealable.Tombstone _ -> ofNothing();
      case Sealable.ClockStep _, Sealable.Recovery _ -> ofNothing();
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
        decided.reasons().stream().map(AuditEvent.Reason::code).toList());
  }

  private static Search ofOutcome(AuditEvent.Conclusion conclusion) {
    return new Search(
        Optional.empty(),
        Optional.of(conclusion.decisionId()),
        "-",
        Optional.empty(),
        Optional.empty(),
        names(conclusion.resources()),
        List.of());
  }

  private static Search ofOrphan(Sealable.Orphan orphan) {
    return new Search(
        Optional.empty(),
        orphan.permit().get(Tag.DECISION_ID.label()) instanceof Field.Text(String id)
            ? Optional.of(id)
            : Optional.empty(),
        "-",
        Optional.empty(),
        Optional.empty(),
        orphan.permit().get(Tag.RESOURCES.label()) instanceof Field.Texts(List<String> names)
            ? names
            : List.of(),
        List.of());
  }

  private static List<String> names(List<AuditEvent.Resource> resources) {
    return resources.stream().map(AuditEvent.Resource::name).toList();
  }

  private static Search ofClient(String client, String person) {
    return new Search(
        Optional.empty(),
        Optional.empty(),
        person,
        Optional.of(client),
        Optional.empty(),
        List.of(),
        List.of());
  }

  private static Search ofNothing() {
    return new Search(
        Optional.empty(),
        Optional.empty(),
        "-",
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of());
  }
}
