// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** The scripted agents: about three requests a second, and a line for each answer. */
final class Agents {
  private static final long PACE_MS = 333;
  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");

  private final String gateway;
  private final Issuer issuer;
  private final Terminal terminal;
  private final Http http = new Http();

  Agents(Addresses addresses, Terminal terminal) {
    this.gateway = addresses.gatewayUrl();
    this.issuer = new Issuer(addresses.sandboxUrl());
    this.terminal = terminal;
  }

  /** Runs rounds until interrupted or {@code goOn} says no. */
  void work(java.util.function.BooleanSupplier goOn) throws InterruptedException {
    while (true) {
      for (Errand errand : Errand.round()) {
        long began = System.nanoTime();
        if (!goOn.getAsBoolean()) {
          return;
        }
        run(errand);
        Thread.sleep(Math.max(1, PACE_MS - (System.nanoTime() - began) / 1_000_000));
      }
    }
  }

  /** Runs one errand and tells how it went. */
  @CanIgnoreReturnValue
  Http.Answer run(Errand errand) {
    Http.Answer answer;
    try {
      answer =
          http.post(
              gateway + "/v1/requests",
              issuer.heldToken(errand.who(), errand.agent()),
              errand.body());
    } catch (IOException | DemoFault e) {
      answer = new Http.Answer(0, "{\"code\":\"no answer: " + e.getMessage() + "\"}");
    }
    terminal.say(line(errand, answer));
    return answer;
  }

  private String line(Errand errand, Http.Answer answer) {
    String outcome = answer.status() == 200 ? served(answer.json()) : refused(answer);
    return String.format(
        Locale.ROOT,
        "%s  %-11s  %-44s  %s",
        terminal.faint(LocalTime.now(ZoneId.systemDefault()).format(CLOCK)),
        errand.who(),
        shortened(errand.what(), 44),
        outcome);
  }

  private String served(JsonNode answer) {
    List<String> withheld = new ArrayList<>();
    for (JsonNode kind : answer.path("withheld")) {
      withheld.add(kind.path("kind").asString("?").replace('_', ' '));
    }
    return terminal.good("allowed")
        + "  "
        + answer.path("result").path("rows").size()
        + " rows"
        + (withheld.isEmpty()
            ? ""
            : ", withheld by " + String.join(", ", withheld.stream().distinct().toList()))
        + terminal.faint("  record " + receipt(answer.path("receipt")));
  }

  private String refused(Http.Answer answer) {
    JsonNode problem = answer.json();
    List<String> codes = new ArrayList<>();
    for (JsonNode reason : problem.path("reasons")) {
      codes.add(reason.path("code").asString("?"));
    }
    String text = problem.path("reasons").path(0).path("text").asString("");
    return terminal.bad(answer.status() == 0 ? "no answer" : "refused " + answer.status())
        + "  "
        + problem.path("code").asString("")
        + (codes.isEmpty() ? "" : " " + String.join(" ", codes))
        + (text.isEmpty() ? "" : terminal.faint("  " + shortened(text, 70)));
  }

  private static String receipt(JsonNode receipt) {
    String chain = receipt.path("chain").asString("");
    return (chain.length() > 8 ? chain.substring(0, 8) : chain)
        + "/"
        + receipt.path("seq").asLong();
  }

  private static String shortened(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length - 1) + "…";
  }
}
