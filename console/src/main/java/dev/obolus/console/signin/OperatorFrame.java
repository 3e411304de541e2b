// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.signin;

import dev.obolus.console.operator.Integrity;
import dev.obolus.console.operator.Verification;
import dev.obolus.console.reading.Moments;
import dev.obolus.console.web.Frame;
import java.util.HashMap;
import java.util.Map;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** What stands around every page. */
@Component
public final class OperatorFrame implements Frame {
  private final Viewers viewers;
  private final Arrival arrival;
  private final Integrity integrity;

  OperatorFrame(Viewers viewers, Arrival arrival, Integrity integrity) {
    this.viewers = viewers;
    this.arrival = arrival;
    this.integrity = integrity;
  }

  /** The badge of the log's state. */
  public record Badge(String state, String word, String detail, String href) {}

  @Override
  public Mono<Map<String, Object>> of(ServerWebExchange exchange) {
    return viewers
        .of(exchange)
        .flatMap(arrival::recorded)
        .map(viewer -> around(viewer.operator(), viewer.memory().signIn()))
        .defaultIfEmpty(Map.of());
  }

  private Map<String, Object> around(Operator operator, Memory.SignIn signIn) {
    var model = new HashMap<String, Object>();
    model.put("operator", operator);
    model.put("unrecorded", signIn != Memory.SignIn.RECORDED);
    if (operator.mayRead()) {
      model.put(
          "badge", integrity.last(operator.tenants()).map(OperatorFrame::badge).orElse(NOT_YET));
    }
    return model;
  }

  private static final Badge NOT_YET = new Badge("pending", "Not verified yet", "", "");

  private static Badge badge(Verification verification) {
    var at = Moments.second(verification.at());
    return switch (verification) {
      case Verification.Sound sound ->
          new Badge(
              "sound", "Log verified", Moments.grouped(sound.records()) + " records, " + at, "");
      case Verification.Pending pending -> new Badge("pending", "Not verified yet", at, "");
      case Verification.Broken broken ->
          new Badge("broken", "Log is broken", "record " + broken.seq() + ", " + at, broken.href());
      case Verification.BrokenElsewhere broken -> new Badge("broken", "Log is broken", at, "");
      case Verification.Refused refused -> new Badge("pending", "Could not verify", at, "");
      case Verification.NoGateway silent -> new Badge("pending", "No gateway answers", at, "");
    };
  }
}
