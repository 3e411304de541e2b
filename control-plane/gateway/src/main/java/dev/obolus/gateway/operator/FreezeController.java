// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.Receipt;
import dev.obolus.connector.ConnectorId;
import dev.obolus.gateway.freeze.Freeze;
import dev.obolus.gateway.freeze.Freezes;
import dev.obolus.gateway.freeze.Scope;
import dev.obolus.gateway.http.JsonAnswers;
import dev.obolus.gateway.identity.Caller;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** The kill switch: set, listed, lifted. */
@RestController
@RequestMapping("/operator/v1/freezes")
final class FreezeController {
  private final OperatorGate gate;
  private final Freezing freezing;
  private final Freezes freezes;
  private final InstantSource clock;
  private final JsonAnswers json;

  FreezeController(
      OperatorGate gate,
      Freezing freezing,
      Freezes freezes,
      InstantSource clock,
      JsonAnswers json) {
    this.gate = gate;
    this.freezing = freezing;
    this.freezes = freezes;
    this.clock = clock;
    this.json = json;
  }

  @PostMapping
  Mono<Void> set(@AuthenticationPrincipal Caller caller, ServerWebExchange exchange) {
    return gate.admit(caller, Act.FREEZE)
        .flatMap(operator ->
            json.read(exchange)
                .map(body -> FreezeBody.read(body, clock.instant()))
                .flatMap(asked -> freezing.set(operator, asked)))
        .flatMap(receipt ->
            json.write(
                exchange, 201, body("frozen", receipt.chain() + "-" + receipt.seq(), receipt)));
  }

  @GetMapping
  Mono<Void> list(@AuthenticationPrincipal Caller caller, ServerWebExchange exchange) {
    return gate.admit(caller, Act.SEE_FREEZES)
        .flatMap(freezing::list)
        .flatMap(found -> json.write(exchange, 200, body(found)));
  }

  @PostMapping("/{id}/lift")
  Mono<Void> lift(
      @AuthenticationPrincipal Caller caller,
      @PathVariable("id") String id,
      ServerWebExchange exchange) {
    return gate.admit(caller, Act.LIFT)
        .flatMap(operator ->
            json.read(exchange)
                .map(FreezeController::liftReason)
                .flatMap(reason -> freezing.lift(operator, FreezeBody.place(id), reason)))
        .flatMap(receipt -> json.write(exchange, 200, body("lifted", id, receipt)));
  }

  private static String liftReason(Map<String, Object> body) {
    ValuesBody.only(body, java.util.Set.of("reason"));
    return FreezeBody.reason(body);
  }

  private static Map<String, Object> body(String state, String id, Receipt receipt) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("state", state);
    body.put("id", id);
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("chain", receipt.chain().toString());
    told.put("seq", receipt.seq());
    told.put("leaf", receipt.leaf());
    body.put("receipt", told);
    return body;
  }

  private Map<String, Object> body(List<Freeze> found) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("known", freezes.isKnown());
    body.put("alarms", List.copyOf(freezes.alarms()));
    body.put("freezes", found.stream().map(FreezeController::describe).toList());
    return body;
  }

  private static Map<String, Object> describe(Freeze freeze) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("id", FreezeBody.name(freeze.record()));
    body.put("scope", freeze.scope().word());
    body.put("tenant", freeze.scope().onlyTenant().orElse(null));
    body.put("person", freeze.person().orElse(null));
    switch (freeze.scope()) {
      case Scope.Agent(String client) -> body.put("client", client);
      case Scope.Source(ConnectorId connector) -> body.put("connector", connector.value());
      case Scope.Person _, Scope.Tenant _, Scope.Everything _ -> {}
    }
    body.put("reason", freeze.reason());
    body.put("operator", freeze.operator());
    body.put("since", freeze.since().toString());
    body.put("until", freeze.until().map(Object::toString).orElse(null));
    return body;
  }
}
