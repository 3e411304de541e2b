// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.gateway.http.JsonAnswers;
import dev.obolus.gateway.identity.Caller;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** What has been kept long enough: looked at, proposed, agreed to. */
@RestController
@RequestMapping("/operator/v1/audit")
final class RetentionController {
  private final OperatorGate gate;
  private final Pruning pruning;
  private final JsonAnswers json;

  RetentionController(OperatorGate gate, Pruning pruning, JsonAnswers json) {
    this.gate = gate;
    this.pruning = pruning;
    this.json = json;
  }

  @PostMapping("/prune")
  Mono<Void> prune(@AuthenticationPrincipal Caller caller, ServerWebExchange exchange) {
    return gate.admit(caller, Act.PRUNE)
        .flatMap(operator ->
            json.read(exchange)
                .map(PruneBody::read)
                .flatMap(asked -> pruning.prune(operator, asked)))
        .flatMap(step ->
            json.write(exchange, step.state() == Pruning.State.PROPOSED ? 202 : 200, body(step)));
  }

  private static Map<String, Object> body(Pruning.Step step) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("state", step.state().name().toLowerCase(Locale.ROOT));
    body.put("epoch", step.plan().epoch());
    body.put("records", step.plan().records());
    body.put("chains", step.plan().chains().size());
    body.put("more", step.plan().more());
    body.put("tenants", step.kept().stream().map(RetentionController::describe).toList());
    Map<String, Object> receipt = new LinkedHashMap<>();
    receipt.put("chain", step.receipt().chain().toString());
    receipt.put("seq", step.receipt().seq());
    receipt.put("leaf", step.receipt().leaf());
    body.put("receipt", receipt);
    return body;
  }

  private static Map<String, Object> describe(Pruning.Kept kept) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("tenant", kept.tenant());
    body.put("records", kept.records());
    body.put("until", kept.until().toString());
    body.put("legal_hold", kept.held());
    return body;
  }
}
