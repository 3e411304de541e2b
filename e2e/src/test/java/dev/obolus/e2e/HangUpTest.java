// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.net.URI;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A caller who goes away while the source is at work. */
class HangUpTest {
  private final RunningDemo demo = RunningDemo.shared();

  @Test
  void theOutcomeIsCancelledAndTheStatementIsCancelledAtTheSource() throws Exception {
    int before = demo.journal().path("entries").size();
    long cancelled = demo.count("cancelled");
    delay(120_000);
    try {
      String body = RunningDemo.queryBody("main.sales.orders", "id");
      URI gateway = URI.create(demo.url("gateway"));
      try (Socket caller = new Socket(gateway.getHost(), gateway.getPort())) {
        caller
            .getOutputStream()
            .write(
                ("POST /v1/requests HTTP/1.1\r\nHost: "
                        + gateway.getAuthority()
                        + "\r\nAuthorization: Bearer "
                        + demo.token("alice")
                        + "\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length()
                        + "\r\n\r\n"
                        + body)
                    .getBytes(UTF_8));
        caller.getOutputStream().flush();
        RunningDemo.until(() -> sourceSaw(before, "submit"));
      }
      RunningDemo.until(() -> demo.count("cancelled") == cancelled + 1);
      RunningDemo.until(() -> sourceSaw(before, "cancel"));
    } finally {
      delay(0);
    }
    assertThat(demo.query("alice", "main.sales.orders", "id").status()).isEqualTo(200);
    assertThat(demo.verify().exit()).isZero();
  }

  private boolean sourceSaw(int after, String call) {
    JsonNode entries = demo.journal().path("entries");
    for (int i = after; i < entries.size(); i++) {
      if (entries.path(i).path("call").asString("").contains(call)) {
        return true;
      }
    }
    return false;
  }

  private void delay(int milliseconds) {
    assertThat(
            demo.post(demo.url("sandbox") + "/sandbox/delay", null, "{\"ms\":" + milliseconds + "}")
                .status())
        .isEqualTo(200);
  }
}
