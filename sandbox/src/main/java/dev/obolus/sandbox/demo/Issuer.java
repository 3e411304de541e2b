// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.json.JsonMapper;

/** Tokens for the gateway, as the demo's users and clients get them from the stand-in Entra. */
final class Issuer {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final String sandbox;
  private final Http http = new Http();
  private final Map<String, Held> held = new ConcurrentHashMap<>();

  private record Held(String token, long until) {}

  Issuer(String sandbox) {
    this.sandbox = sandbox;
  }

  String token(String who, String agent) throws IOException, DemoFault {
    Http.Answer answer =
        http.post(
            sandbox + "/sandbox/token",
            null,
            JSON.writeValueAsString(Map.of("who", who, "agent", agent)));
    String token = answer.json().path("access_token").asString("");
    if (answer.status() != 200 || token.isEmpty()) {
      String why = answer.json().path("error").asString("it answered " + answer.status());
      throw new DemoFault("no token for " + who + ": " + why);
    }
    return token;
  }

  /** A token got earlier, while half its hour is left. */
  String heldToken(String who, String agent) throws IOException, DemoFault {
    String key = who + " " + agent;
    Held old = held.get(key);
    if (old == null || System.nanoTime() - old.until() > 0) {
      old = new Held(token(who, agent), System.nanoTime() + 1_800_000_000_000L);
      held.put(key, old);
    }
    return old.token();
  }
}
