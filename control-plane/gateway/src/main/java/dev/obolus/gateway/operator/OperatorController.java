// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.AuditEvent.SignedIn;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.AuditReader;
import dev.obolus.audit.Pseudonyms;
import dev.obolus.audit.Receipt;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.Refusal;
import dev.obolus.gateway.http.JsonAnswers;
import dev.obolus.gateway.identity.Caller;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What the console and the CLI ask of the gateway. */
@RestController
@RequestMapping("/operator/v1")
final class OperatorController {
  private final OperatorGate gate;
  private final AuditLog log;
  private final AuditReader reader;
  private final Pseudonyms pseudonyms;
  private final LogVerification verification;
  private final People people;
  private final GatewayStatus status;
  private final BlockingWork blocking;
  private final JsonAnswers json;

  OperatorController(
      OperatorGate gate,
      AuditLog log,
      AuditReader reader,
      Pseudonyms pseudonyms,
      LogVerification verification,
      People people,
      GatewayStatus status,
      BlockingWork blocking,
      JsonAnswers json) {
    this.gate = gate;
    this.log = log;
    this.reader = reader;
    this.pseudonyms = pseudonyms;
    this.verification = verification;
    this.people = people;
    this.status = status;
    this.blocking = blocking;
    this.json = json;
  }

  @PostMapping("/audit/verify")
  Mono<Void> verify(@AuthenticationPrincipal Caller caller, ServerWebExchange exchange) {
    return gate.admit(caller, Act.VERIFY)
        .flatMap(operator -> json.read(exchange).flatMap(body -> verify(operator, body)))
        .flatMap(report -> json.write(exchange, 200, describe(report)));
  }

  private Mono<LogVerification.Report> verify(Operator operator, Map<String, Object> body) {
    return PlaceReader.read(body)
        .map(place -> verify(operator, place))
        .orElseGet(() -> verifyAll(operator));
  }

  private Mono<LogVerification.Report> verify(Operator operator, LogVerification.Place place) {
    String about = place.chain() + "/" + place.seq();
    return isVisible(operator, place)
        .flatMap(visible ->
            visible
                ? verify(operator, Optional.of(place), about)
                : gate.seal(operator, Act.VERIFY, about, "not_found")
                    .flatMap(_ -> Mono.error(OperatorController::noSuchRecord)));
  }

  /** Says that the log is broken to everybody, and where only to whom may see that record. */
  private Mono<LogVerification.Report> verifyAll(Operator operator) {
    return verify(operator, Optional.empty(), "all")
        .flatMap(report ->
            report
                .firstBad()
                .map(bad -> isTold(operator, bad).map(told -> told ? report : report.placeless()))
                .orElseGet(() -> Mono.just(report)));
  }

  private Mono<LogVerification.Report> verify(
      Operator operator, Optional<LogVerification.Place> place, String about) {
    return blocking
        .run(() -> verification.verify(place))
        .flatMap(report ->
            gate.seal(operator, Act.VERIFY, about, report.state())
                .thenReturn(report.toldTo(gate.visibleTo(operator))));
  }

  /** A record that is not there is nobody's. */
  private Mono<Boolean> isTold(Operator operator, LogVerification.Bad bad) {
    return bad.isGone() ? Mono.just(true) : isVisible(operator, bad.place());
  }

  private Mono<Boolean> isVisible(Operator operator, LogVerification.Place place) {
    return reader
        .find(gate.visibleTo(operator), place.chain(), place.seq())
        .map(Optional::isPresent);
  }

  @PostMapping("/sign-ins")
  Mono<Void> signIn(@AuthenticationPrincipal Caller caller, ServerWebExchange exchange) {
    return gate.admit(caller, Act.SIGN_IN)
        .flatMap(operator ->
            log.append(
                new SignedIn(
                    operator.person().tenant(),
                    operator.person(),
                    operator.client(),
                    operator.roleWords())))
        .flatMap(receipt -> json.write(exchange, 201, body("receipt", describe(receipt))));
  }

  @GetMapping("/people")
  Mono<Void> people(@AuthenticationPrincipal Caller caller, ServerWebExchange exchange) {
    return gate.admit(caller, Act.NAME_PEOPLE)
        .flatMap(operator -> blocking.run(people::all).flatMap(all -> name(operator, all)))
        .flatMap(named -> json.write(exchange, 200, body("people", named)));
  }

  private Mono<List<Map<String, Object>>> name(Operator operator, List<People.Named> all) {
    return gate.seal(operator, Act.NAME_PEOPLE, "people", "named")
        .flatMap(_ ->
            Flux.fromIterable(all)
                .filter(isNamedTo(operator))
                .concatMap(this::describe)
                .collectList());
  }

  private Predicate<People.Named> isNamedTo(Operator operator) {
    Set<String> visible = gate.visibleTo(operator);
    return named -> visible.contains(named.person().tenant());
  }

  @GetMapping("/status")
  Mono<Void> status(@AuthenticationPrincipal Caller caller, ServerWebExchange exchange) {
    return gate.admit(caller, Act.SEE_STATUS).flatMap(_ -> json.write(exchange, 200, status.now()));
  }

  /** Nothing of people whom the log does not know. */
  private Mono<Map<String, Object>> describe(People.Named named) {
    return pseudonyms
        .of(named.person())
        .flatMap(Mono::justOrEmpty)
        .map(pseudonym -> {
          Map<String, Object> body = body("pseudonym", pseudonym);
          body.put("name", named.name());
          body.put("tenant", named.person().tenant());
          return body;
        });
  }

  private static Map<String, Object> describe(LogVerification.Report report) {
    Map<String, Object> body = body("state", report.state());
    body.put("keyed", report.keyed());
    body.put("signed", report.signed());
    body.put("records", report.records());
    body.put("chains", report.chains());
    body.put("first_bad", report.firstBad().map(OperatorController::describe).orElse(null));
    describe(report.noted(), body);
    body.put("took_ms", report.tookMs());
    return body;
  }

  private static void describe(Noted noted, Map<String, Object> body) {
    body.put("pruned", noted.prunes().stream().map(OperatorController::describe).toList());
    body.put(
        "undestroyed",
        noted.undestroyed().stream()
            .map(one -> Map.of("key", one.key(), "by", describe(one.by())))
            .toList());
    body.put(
        "open_permits",
        noted.openPermits().stream()
            .map(one -> {
              Map<String, Object> permit = describe(one.place());
              permit.put("decision_id", one.decisionId());
              return permit;
            })
            .toList());
    body.put(
        "awaited",
        noted.awaited().stream()
            .map(one -> {
              Map<String, Object> record = describe(one.place());
              record.put("by", describe(one.by()));
              return record;
            })
            .toList());
    body.put("cut", noted.cut());
  }

  private static Map<String, Object> describe(Noted.Prune prune) {
    Map<String, Object> body = body("chain", prune.chain().toString());
    body.put("epoch", prune.epoch());
    body.put("tenants", prune.tenants().stream().sorted().toList());
    body.put("records", prune.records());
    body.put("by", describe(prune.by()));
    body.put("removed", prune.removed());
    return body;
  }

  private static Map<String, Object> describe(LogVerification.Place place) {
    Map<String, Object> body = body("chain", place.chain().toString());
    body.put("seq", place.seq());
    return body;
  }

  private static Map<String, Object> describe(LogVerification.Bad bad) {
    Map<String, Object> body = describe(bad.place());
    body.put("fault", bad.fault());
    body.put("sentence", bad.sentence());
    return body;
  }

  private static Map<String, Object> describe(Receipt receipt) {
    Map<String, Object> body = body("chain", receipt.chain().toString());
    body.put("seq", receipt.seq());
    body.put("leaf", receipt.leaf());
    return body;
  }

  private static Refusal noSuchRecord() {
    return Refusal.of(
        ErrorCode.NOT_FOUND, "There is no such record, or it is of a tenant that you may not see.");
  }

  private static Map<String, Object> body(String name, Object value) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put(name, value);
    return body;
  }
}
