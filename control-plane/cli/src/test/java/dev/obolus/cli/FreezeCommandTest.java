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
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreezeCommandTest {
  private static final String ID = "ab".repeat(16) + "-7";

  @TempDir Path folder;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final StringWriter out = new StringWriter();
  private HttpServer gateway;
  private volatile int status = 200;

  @BeforeEach
  void start() throws IOException {
    gateway = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    gateway.createContext(
        "/",
        exchange -> {
          asked.add(
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestURI()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Authorization")
                  + " "
                  + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          byte[] body = "{\"state\":\"told\"}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, body.length);
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
  void setSaysWhoAndWhy() throws IOException {
    status = 201;
    assertThat(
            run(
                "set",
                "person",
                "--tenant=t",
                "--object-id=o",
                "--until=2026-11-21T18:00:00Z",
                "--reason=a \"stolen\" laptop"))
        .isZero();
    assertThat(asked)
        .containsExactly(
            "POST /operator/v1/freezes Bearer abc {\"scope\":\"person\",\"tenant\":\"t\","
                + "\"object_id\":\"o\",\"until\":\"2026-11-21T18:00:00Z\","
                + "\"reason\":\"a \\u0022stolen\\u0022 laptop\"}");
    assertThat(out.toString()).contains("told");
  }

  @Test
  void listOnlyAsks() throws IOException {
    assertThat(run("list")).isZero();
    assertThat(asked).containsExactly("GET /operator/v1/freezes Bearer abc ");
  }

  @Test
  void liftNamesTheFreeze() throws IOException {
    assertThat(run("lift", ID, "--reason=found")).isZero();
    assertThat(asked)
        .containsExactly(
            "POST /operator/v1/freezes/" + ID + "/lift Bearer abc {\"reason\":\"found\"}");
  }

  @Test
  void whatIsRefusedIsNotDone() throws IOException {
    status = 403;
    assertThat(run("lift", ID, "--reason=found")).isEqualTo(1);
  }

  @Test
  void whatIsNoFreezesNameIsNotAskedFor() throws IOException {
    assertThat(run("lift", "../people", "--reason=found")).isEqualTo(2);
    assertThat(asked).isEmpty();
  }

  private int run(String... arguments) throws IOException {
    Path token = Files.writeString(folder.resolve("token"), "abc\n");
    return ObolusCli.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(new StringWriter(), true))
        .execute(
            Stream.concat(
                    Stream.concat(Stream.of("freeze"), Stream.of(arguments)),
                    Stream.of(
                        "--gateway=http://127.0.0.1:" + gateway.getAddress().getPort(),
                        "--token-file=" + token))
                .toArray(String[]::new));
  }
}
