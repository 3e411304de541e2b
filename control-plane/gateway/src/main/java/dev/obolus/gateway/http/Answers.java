// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import dev.obolus.audit.Receipt;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.RefusedExchange;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.identity.Caller;
import dev.obolus.gateway.mediation.Outcome;
import dev.obolus.policy.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An {@link Outcome} in REST's words. */
final class Answers {
  private static final int UNAUTHORIZED = 401;
  private static final String INSTRUCTIONS =
      "Have the person sign in at authorization_uri for this gateway with the decoded claims as the"
          + " claims parameter, then repeat the request with the new token. A client that declares"
          + " the capability cp1 is sent this as a 401 challenge.";
  private static final String INSTRUCTIONS_WITHOUT_CLAIMS =
      "Have the person sign in anew at authorization_uri for this gateway, as the reasons say where"
          + " there are any, then repeat the request with the new token.";
  private static final String TAKES_CHALLENGES = "cp1";

  private final String authority;

  /**
   * @param authority where a stronger sign-in is asked for
   */
  Answers(String authority) {
    this.authority = authority;
  }

  Map<String, Object> body(Outcome.Answered answered) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("decision", decision(answered.decision()));
    body.put("receipt", receipt(answered.receipt()));
    body.put("result", result(answered.rows()));
    body.put("withheld", answered.withheld().stream().map(Answers::withheld).toList());
    return body;
  }

  Problem problem(Caller caller, Outcome.Refused refused) {
    Problem problem = decided(refused, rejected(Problem.of(refused.code(), detail(refused))));
    Problem full =
        problem
            .retryAfter(refused.retryAfter())
            .with("reasons", refused.reasons().stream().map(Answers::reason).toList())
            .withAny("errors", refused.errors());
    Problem told = refused.exchange().map(it -> exchange(full, it)).orElse(full);
    return refused
        .claims()
        .map(claims -> challenge(caller, told, claims))
        .orElseGet(() -> unclaimed(caller, told));
  }

  /** The provider's codes and ids; what is missing at the gateway is told by the ids alone. */
  private static Problem exchange(Problem problem, RefusedExchange exchange) {
    Map<String, Object> ids = new LinkedHashMap<>();
    switch (problem.code().kind()) {
      case AUDIT, INTERNAL -> {}
      case CALLER, REFUSED, STEP_UP, CONSENT, UPSTREAM -> ids.put("code", exchange.code());
    }
    exchange.correlationId().ifPresent(id -> ids.put("correlation_id", id));
    exchange.traceId().ifPresent(id -> ids.put("trace_id", id));
    Problem told = ids.isEmpty() ? problem : problem.with("exchange", ids);
    return exchange.consent().map(consent -> consent(told, consent)).orElse(told);
  }

  /** As Microsoft.Identity.Web tells a client that consent is missing. */
  private static Problem consent(Problem problem, RefusedExchange.Consent consent) {
    return problem
        .with("consent", ordered("uri", consent.uri(), "scope", consent.scope()))
        .withHeader(
            "WWW-Authenticate",
            "Bearer consentUri=\"%s\", scopes=\"%s\", proposedAction=\"consent\""
                .formatted(consent.uri(), consent.scope()));
  }

  /** A token that was good enough for us, and no longer is for whoever exchanges it. */
  private static Problem rejected(Problem problem) {
    return problem.status() == UNAUTHORIZED
        ? problem.withHeader("WWW-Authenticate", "Bearer realm=\"obolus\", error=\"invalid_token\"")
        : problem;
  }

  private static Problem decided(Outcome.Refused refused, Problem problem) {
    Problem told =
        refused
            .decision()
            .map(it -> problem.with("decision_id", it.id()).with("decision", decision(it)))
            .orElse(problem);
    return refused.receipt().map(it -> told.with("receipt", receipt(it))).orElse(told);
  }

  /** The first reason says it best; where there is none, the code's own sentence. */
  private static String detail(Outcome.Refused refused) {
    return refused.reasons().stream()
        .map(Reason::text)
        .filter(text -> !text.isBlank())
        .findFirst()
        .orElse(refused.code().sentence());
  }

  /** A step-up of which no claims say what is missing: there is nothing to challenge with. */
  private Problem unclaimed(Caller caller, Problem problem) {
    return problem.code() == ErrorCode.STEP_UP_REQUIRED
        ? problem
            .with("authorization_uri", authorizationUri(caller))
            .with("instructions", INSTRUCTIONS_WITHOUT_CLAIMS)
        : problem;
  }

  private String authorizationUri(Caller caller) {
    return "%s/%s/oauth2/v2.0/authorize".formatted(authority, caller.facts().tenant());
  }

  /** A 401 asks for another sign-in only of a client that said it understands that. */
  private Problem challenge(Caller caller, Problem problem, String claims) {
    String encoded = Base64.getEncoder().encodeToString(claims.getBytes(StandardCharsets.UTF_8));
    String uri = authorizationUri(caller);
    Problem asked = problem.with("claims", encoded).with("authorization_uri", uri);
    return caller.facts().capabilities().contains(TAKES_CHALLENGES)
        ? asked
            .withStatus(UNAUTHORIZED)
            .withHeader(
                "WWW-Authenticate",
                "Bearer realm=\"\", authorization_uri=\"%s\", error=\"insufficient_claims\", claims=\"%s\""
                    .formatted(uri, encoded))
        : asked.with("instructions", INSTRUCTIONS);
  }

  static Map<String, Object> decision(Outcome.Decided decided) {
    Map<String, Object> decision = new LinkedHashMap<>();
    decision.put("id", decided.id());
    decision.put("effect", decided.effect());
    decision.put("record", place(decided.record()));
    decision.put("reasons", decided.reasons().stream().map(Answers::reason).toList());
    decision.put("obligations", decided.obligations());
    return decision;
  }

  private static Map<String, Object> place(Receipt receipt) {
    return ordered("chain", receipt.chain().toString(), "seq", receipt.seq());
  }

  static Map<String, Object> receipt(Receipt receipt) {
    Map<String, Object> body = place(receipt);
    body.put("leaf", receipt.leaf());
    return body;
  }

  private static Map<String, Object> reason(Reason reason) {
    Map<String, Object> body = ordered("code", reason.code(), "text", reason.text());
    body.put("args", reason.args());
    return body;
  }

  private static Map<String, Object> result(ConnectorResult.Rows rows) {
    List<Map<String, Object>> columns =
        rows.columns().stream()
            .map(column -> ordered("name", column.name(), "type", column.type()))
            .toList();
    Map<String, Object> result = ordered("columns", columns, "rows", rows.rows());
    result.put("truncated", rows.truncated());
    return result;
  }

  private static Map<String, Object> withheld(Outcome.Withheld withheld) {
    return ordered("kind", withheld.kind(), "rule", withheld.rule());
  }

  private static Map<String, Object> ordered(
      String first, Object firstValue, String second, Object secondValue) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(first, firstValue);
    map.put(second, secondValue);
    return map;
  }
}
