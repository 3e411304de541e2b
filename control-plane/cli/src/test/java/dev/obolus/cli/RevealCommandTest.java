// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RevealCommandTest {
  private static final String RECORD = "ab".repeat(16) + "/7";

  @TempDir Path folder;
  private final AtomicReference<String> asked = new AtomicReference<>("");
  private final AtomicInteger status = new AtomicInteger(200);
  private final StringWriter out = new StringWriter();
  private HttpServer gateway;

  @BeforeEach
  void listen() throws IOException {
    gateway = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    gateway.createContext(
        "/operator/v1/audit/reveal",
        exchange -> {
          asked.set(
              exchange.getRequestHeaders().getFirst("Authorization")
                  + " "
                  + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          byte[] body = "{\"state\":\"revealed\"}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status.get(), body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    gateway.start();
  }

  @AfterEach
  void stop() {
    gateway.stop(0);
  }

  @Test
  void itAsksTheGatewayAndSaysWhatWasAnswered() throws IOException {
    assertThat(reveal(RECORD)).isZero();
    assertThat(out.toString()).contains("revealed");
    assertThat(asked.get())
        .isEqualTo(
            "Bearer abc {\"chain\":\""
                + "ab".repeat(16)
                + "\",\"seq\":7,\"field\":\"statement\","
                + "\"purpose\":\"a \\u0022quoted\\u0022 reason\"}");
  }

  @Test
  void whatIsRefusedIsNoSuccess() throws IOException {
    status.set(403);
    assertThat(reveal(RECORD)).isEqualTo(1);
  }

  @Test
  void whatIsNoRecordsPlaceIsNotAskedFor() throws IOException {
    assertThat(reveal("ab/7")).isEqualTo(2);
    assertThat(asked.get()).isEmpty();
  }

  private int reveal(String record) throws IOException {
    Path token = Files.writeString(folder.resolve("token"), "abc\n");
    return ObolusCli.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(out, true))
        .execute(
            "audit",
            "reveal",
            record,
            "--field=statement",
            "--gateway=http://127.0.0.1:" + gateway.getAddress().getPort(),
            "--token-file=" + token,
            "--reason=a \"quoted\" reason");
  }
}
