// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.AuditEvent.SignedIn;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.Pseudonyms;
import dev.obolus.audit.Receipt;
import dev.obolus.gateway.http.JsonAnswers;
import dev.obolus.gateway.identity.Caller;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** What the console and the CLI ask of the gateway. */
@RestController
@RequestMapping("/operator/v1")
final class OperatorController {
  private final OperatorGate gate;
  private final AuditLog log;
  private final Pseudonyms pseudonyms;
  private final LogVerification verification;
  private final People people;
  private final GatewayStatus status;
  private final BlockingWork blocking;
  private final JsonAnswers json;

  OperatorController(
      OperatorGate gate,
      AuditLog log,
      Pseudonyms pseudonyms,
      LogVerification verification,
      People people,
      GatewayStatus status,
      BlockingWork blocking,
      JsonAnswers json) {
    this.gate = gate;
    this.log = log;
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
    Optional<LogVerification.Place> place = PlaceReader.read(body);
    String about = place.map(it -> it.chain() + "/" + it.seq()).orElse("all");
    return blocking
        .run(() -> verification.verify(place))
        .flatMap(
            report -> gate.seal(operator, Act.VERIFY, about, report.state()).thenReturn(report));
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
        .map(_ -> all.stream().map(this::describe).toList());
  }

  @GetMapping("/status")
  Mono<Void> status(@AuthenticationPrincipal Caller caller, ServerWebExchange exchange) {
    return gate.admit(caller, Act.SEE_STATUS).flatMap(_ -> json.write(exchange, 200, status.now()));
  }

  private Map<String, Object> describe(People.Named named) {
    Map<String, Object> body = body("pseudonym", pseudonyms.of(named.person()));
    body.put("name", named.name());
    body.put("tenant", named.person().tenant());
    return body;
  }

  private static Map<String, Object> describe(LogVerification.Report report) {
    Map<String, Object> body = body("state", report.state());
    body.put("keyed", report.keyed());
    body.put("records", report.records());
    body.put("chains", report.chains());
    body.put("first_bad", report.firstBad().map(OperatorController::describe).orElse(null));
    body.put("took_ms", report.tookMs());
    return body;
  }

  private static Map<String, Object> describe(LogVerification.Bad bad) {
    Map<String, Object> body = body("chain", bad.place().chain().toString());
    body.put("seq", bad.place().seq());
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

  private static Map<String, Object> body(String name, Object value) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put(name, value);
    return body;
  }
}
