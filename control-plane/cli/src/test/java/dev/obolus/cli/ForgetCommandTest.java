// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForgetCommandTest {
  @TempDir Path folder;

  @Test
  void itAsksTheGatewayAndSaysWhatWasAnswered() throws Exception {
    AtomicReference<String> asked = new AtomicReference<>("");
    HttpServer gateway =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    gateway.createContext(
        "/operator/v1/audit/forget",
        exchange -> {
          asked.set(
              exchange.getRequestHeaders().getFirst("Authorization")
                  + " "
                  + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          byte[] body = "{\"state\":\"proposed\"}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(202, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    gateway.start();
    try {
      Path token = Files.writeString(folder.resolve("token"), "abc\n");
      StringWriter out = new StringWriter();
      int exit =
          ObolusCli.commandLine()
              .setOut(new PrintWriter(out, true))
              .execute(
                  "audit",
                  "forget",
                  "--gateway=http://127.0.0.1:" + gateway.getAddress().getPort(),
                  "--token-file=" + token,
                  "--tenant=t",
                  "--object-id=o",
                  "--email=a@b.co",
                  "--reason=a \"quoted\" reason",
                  "--proposal=" + "ab".repeat(16) + "/7");
      assertThat(exit).isZero();
      assertThat(out.toString()).contains("proposed");
      assertThat(asked.get())
          .isEqualTo(
              "Bearer abc {\"tenant\":\"t\",\"object_id\":\"o\",\"emails\":[\"a@b.co\"],"
                  + "\"reason\":\"a \\u0022quoted\\u0022 reason\",\"proposal\":{\"chain\":\""
                  + "ab".repeat(16)
                  + "\",\"seq\":7}}");
    } finally {
      gateway.stop(0);
    }
  }
}
