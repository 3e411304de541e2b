// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.AuditReader;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.PersonalValues;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.Revealed;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.Refusal;
import dev.obolus.gateway.http.JsonAnswers;
import dev.obolus.gateway.identity.Caller;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Personal values of the log: shown for a purpose, and forgotten by two people. */
@RestController
@RequestMapping("/operator/v1/audit")
final class ValuesController {
  private final OperatorGate gate;
  private final PersonalValues values;
  private final AuditReader reader;
  private final Forgetting forgetting;
  private final JsonAnswers json;

  ValuesController(
      OperatorGate gate,
      PersonalValues values,
      AuditReader reader,
      Forgetting forgetting,
      JsonAnswers json) {
    this.gate = gate;
    this.values = values;
    this.reader = reader;
    this.forgetting = forgetting;
    this.json = json;
  }

  /** On the record of the tenant whose value it is, before it is shown. */
  @PostMapping("/reveal")
  Mono<Void> reveal(@AuthenticationPrincipal Caller caller, ServerWebExchange exchange) {
    return gate.admit(caller, Act.REVEAL)
        .flatMap(operator ->
            json.read(exchange).map(ValuesBody::reveal).flatMap(asked -> reveal(operator, asked)))
        .flatMap(body -> json.write(exchange, 200, body));
  }

  private Mono<Map<String, Object>> reveal(Operator operator, ValuesBody.Reveal asked) {
    String about =
        "%s/%d %s for: %s"
            .formatted(
                asked.place().chain(), asked.place().seq(), asked.field().word(), asked.purpose());
    Set<String> visible = gate.visibleTo(operator);
    return Mono.zip(
            values.reveal(visible, asked.place().chain(), asked.place().seq(), asked.field()),
            reader.find(visible, asked.place().chain(), asked.place().seq()))
        .flatMap(found ->
            gate.seal(
                    found.getT2().map(AuditRecord::tenant).orElse("-"),
                    operator,
                    Act.REVEAL,
                    about,
                    word(found.getT1()))
                .map(receipt -> body(asked, found.getT1(), receipt)));
  }

  private static String word(Revealed revealed) {
    return switch (revealed) {
      case Revealed.Value _ -> "revealed";
      case Revealed.Erased _ -> "erased";
      case Revealed.Altered _ -> "altered";
      case Revealed.Nothing _ -> "not_found";
    };
  }

  private static Map<String, Object> body(
      ValuesBody.Reveal asked, Revealed revealed, Receipt receipt) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("field", asked.field().word());
    body.put("state", word(revealed));
    switch (revealed) {
      case Revealed.Value(String value, var salt) -> {
        body.put("value", value);
        body.put("salt", salt.hex());
      }
      case Revealed.Erased _, Revealed.Altered _ -> {}
      case Revealed.Nothing _ ->
          throw Refusal.of(
              ErrorCode.NOT_FOUND,
              "There is no such value, or it is of a tenant that you may not see.");
    }
    body.put("receipt", receipt(receipt));
    return body;
  }

  @PostMapping("/forget")
  Mono<Void> forget(@AuthenticationPrincipal Caller caller, ServerWebExchange exchange) {
    return gate.admit(caller, Act.FORGET)
        .flatMap(operator ->
            json.read(exchange)
                .map(ValuesBody::forget)
                .flatMap(asked -> forgetting.forget(operator, asked)))
        .flatMap(step -> json.write(exchange, step.erased() ? 200 : 202, body(step)));
  }

  private static Map<String, Object> body(Forgetting.Step step) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("state", step.erased() ? "erased" : "proposed");
    body.put("keys", step.keys());
    body.put("receipt", receipt(step.receipt()));
    return body;
  }

  private static Map<String, Object> receipt(Receipt receipt) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("chain", receipt.chain().toString());
    body.put("seq", receipt.seq());
    body.put("leaf", receipt.leaf());
    return body;
  }
}
