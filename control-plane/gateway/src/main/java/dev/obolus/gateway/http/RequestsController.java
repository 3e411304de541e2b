// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import dev.obolus.gateway.identity.Caller;
import dev.obolus.gateway.mediation.Outcome;
import dev.obolus.gateway.mediation.RequestMediator;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** {@code POST /v1/requests}. */
@RestController
final class RequestsController {
  private final Bodies bodies;
  private final RequestMediator mediator;
  private final Answers answers;
  private final ProblemWriter writer;

  RequestsController(
      Bodies bodies, RequestMediator mediator, Answers answers, ProblemWriter writer) {
    this.bodies = bodies;
    this.mediator = mediator;
    this.answers = answers;
    this.writer = writer;
  }

  @PostMapping("/v1/requests")
  Mono<Void> ask(@AuthenticationPrincipal Caller caller, ServerWebExchange exchange) {
    Envelope envelope = Envelope.of(exchange);
    return bodies
        .read(exchange.getRequest())
        .map(body -> AskReader.read(body, envelope.traceId()))
        .flatMap(ask -> mediator.mediate(caller, ask))
        .switchIfEmpty(Mono.error(() -> new IllegalStateException("no outcome")))
        .flatMap(outcome -> answer(caller, exchange, outcome));
  }

  private Mono<Void> answer(Caller caller, ServerWebExchange exchange, Outcome outcome) {
    Envelope envelope = Envelope.of(exchange);
    return switch (outcome) {
      case Outcome.Answered answered -> {
        tell(envelope, answered.decision());
        envelope.tell("receipt", answered.receipt().chain() + "/" + answered.receipt().seq());
        yield writer.write(exchange, 200, answers.body(answered));
      }
      case Outcome.Refused refused -> {
        refused.decision().ifPresent(decision -> tell(envelope, decision));
        refused
            .receipt()
            .ifPresent(receipt -> envelope.tell("receipt", receipt.chain() + "/" + receipt.seq()));
        yield writer.write(exchange, answers.problem(caller, refused));
      }
    };
  }

  private static void tell(Envelope envelope, Outcome.Decided decision) {
    envelope.tell("decision_id", decision.id());
    envelope.tell("effect", decision.effect());
    envelope.tell("record", decision.record().chain() + "/" + decision.record().seq());
  }
}
