// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditReader;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.Pseudonyms;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.Refusal;
import dev.obolus.gateway.identity.Caller;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * {@code GET /v1/decisions/{id}}: what became of a caller's own request.
 *
 * <p>Guarantees: only the same person through the same client sees it; to everybody else there is
 * no such decision. The record's reasons are more precise than a caller may know, so they stay
 * there: he was told his in the answer.
 */
@RestController
final class DecisionsController {
  private static final Pattern ID = Pattern.compile("[0-9a-fA-F-]{36}");

  private static final String NOBODY = "-";

  private final AuditReader reader;
  private final Pseudonyms pseudonyms;
  private final ProblemWriter writer;

  DecisionsController(AuditReader reader, Pseudonyms pseudonyms, ProblemWriter writer) {
    this.reader = reader;
    this.pseudonyms = pseudonyms;
    this.writer = writer;
  }

  @GetMapping("/v1/decisions/{id}")
  Mono<Void> find(
      @AuthenticationPrincipal Caller caller,
      @PathVariable("id") String id,
      ServerWebExchange exchange) {
    return ID.matcher(id).matches()
        ? reader
            .ofDecision(Set.of(caller.facts().tenant()), id)
            .flatMap(records -> own(caller, records))
            .map(records -> describe(id, records))
            .flatMap(body -> writer.write(exchange, 200, body))
        : Mono.error(DecisionsController::noSuchThing);
  }

  private Mono<List<AuditRecord>> own(Caller caller, List<AuditRecord> records) {
    return pseudonymOf(caller)
        .filter(pseudonym ->
            records.stream().anyMatch(record -> isOf(caller.facts(), pseudonym, record)))
        .map(_ -> records)
        .switchIfEmpty(Mono.error(DecisionsController::noSuchThing));
  }

  private static boolean isOf(Caller.Facts facts, String pseudonym, AuditRecord record) {
    return record.event().equals("decided")
        && record.tenant().equals(facts.tenant())
        && record.person().equals(pseudonym)
        && text(record, "client").equals(Optional.of(facts.client()));
  }

  /** As records name them. */
  private Mono<String> pseudonymOf(Caller caller) {
    return switch (caller) {
      case Caller.UserCaller(var subject, var facts) ->
          pseudonyms
              .of(new AuditEvent.Person(subject.tenant(), facts.objectId()))
              .flatMap(Mono::justOrEmpty);
      case Caller.AppCaller _ -> Mono.just(NOBODY);
    };
  }

  private static Map<String, Object> describe(String id, List<AuditRecord> records) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("id", id);
    body.put("records", records.stream().map(DecisionsController::describe).toList());
    return body;
  }

  private static Map<String, Object> describe(AuditRecord record) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("event", record.event());
    body.put("at", record.at().toString());
    text(record, "effect").ifPresent(effect -> body.put("effect", effect));
    text(record, "code").ifPresent(code -> body.put("code", code));
    body.put("chain", record.chain().toString());
    body.put("seq", record.seq());
    body.put("leaf", record.leaf().hex());
    return body;
  }

  private static Optional<String> text(AuditRecord record, String field) {
    return record.fields().get(field) instanceof AuditRecord.Field.Text(String value)
        ? Optional.of(value)
        : Optional.empty();
  }

  private static Refusal noSuchThing() {
    return Refusal.of(ErrorCode.NOT_FOUND, ErrorCode.NOT_FOUND.sentence());
  }
}
