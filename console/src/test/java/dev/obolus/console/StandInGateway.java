// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** A gateway's operator API that answers as the test says. */
public final class StandInGateway implements AutoCloseable {
  private static final String SOUND =
      "{\"state\":\"verified\",\"keyed\":true,\"records\":48211,\"chains\":3,\"first_bad\":null,"
          + "\"took_ms\":212}";

  private static final String PROBLEM = "{\"title\":\"Not now\",\"detail\":\"A reason.\"}";

  private final HttpServer server;
  final List<String> asked = new CopyOnWriteArrayList<>();
  volatile int status = 200;
  volatile String verification = SOUND;
  volatile String revelation = "{}";
  volatile String problem = PROBLEM;
  volatile String revision = "r-1";
  volatile String bobMayNot = "Bob may not read {table} for this purpose.";

  StandInGateway() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    server.createContext("/operator/v1/", this::answer);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  void sound() {
    verification = SOUND;
    status = 200;
    problem = PROBLEM;
    revision = "r-1";
    bobMayNot = "Bob may not read {table} for this purpose.";
  }

  void brokenElsewhere() {
    verification =
        "{\"state\":\"broken\",\"keyed\":true,\"records\":3,\"chains\":1,\"first_bad\":null,"
            + "\"took_ms\":2}";
  }

  /** Sound, with one of everything that is listed beside. */
  void listing() {
    var by = "{\"chain\":\"" + "ab".repeat(16) + "\",\"seq\":7}";
    verification =
        "{\"state\":\"verified\",\"keyed\":false,\"signed\":true,\"records\":3,\"chains\":1,"
            + "\"first_bad\":null,\"took_ms\":2,\"pruned\":[{\"chain\":\""
            + "cd".repeat(16)
            + "\",\"epoch\":202601,\"tenants\":[],\"records\":1200,\"removed\":true,\"by\":"
            + by
            + "}],\"undestroyed\":[{\"key\":\""
            + "ef".repeat(32)
            + "\",\"by\":"
            + by
            + "}],\"open_permits\":[{\"chain\":\""
            + "ab".repeat(16)
            + "\",\"seq\":5,\"decision_id\":\"d-<5>\"}],\"awaited\":[],"
            + "\"cut\":[\"open_permits\"]}";
  }

  void broken(String chain, long seq) {
    verification =
        "{\"state\":\"broken\",\"keyed\":true,\"records\":48211,\"chains\":3,\"first_bad\":{\"chain\":\""
            + chain
            + "\",\"seq\":"
            + seq
            + ",\"fault\":\"leaf_mismatch\",\"sentence\":\"The canonical bytes of this record do not"
            + " hash to its leaf.\"},\"took_ms\":212}";
  }

  /** Refuses everything as the gateway refuses. */
  void refusing(int with, String code) {
    status = with;
    problem =
        "{\"code\":\"" + code + "\",\"detail\":\"A <sentence>.\",\"next\":\"Do \u202ethis.\"}";
  }

  /** Answers a reveal with this JSON, on the record as the third of the usual chain. */
  void reveals(String members) {
    revelation = "{" + members + ",\"receipt\":{\"chain\":\"" + Records.CHAIN + "\",\"seq\":3}}";
  }

  private void answer(HttpExchange x) throws IOException {
    var path = x.getRequestURI().getPath();
    var body = new String(x.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    boolean bearer = x.getRequestHeaders().getFirst("Authorization").startsWith("Bearer ey");
    asked.add(x.getRequestMethod() + " " + path + " " + body);
    if (!bearer || status != 200) {
      StandInIdentity.answer(x, bearer ? status : 401, problem);
      return;
    }
    StandInIdentity.answer(x, path.endsWith("sign-ins") ? 201 : 200, json(path));
  }

  private String json(String path) {
    return switch (path.substring("/operator/v1/".length())) {
      case "audit/verify" -> verification;
      case "audit/reveal" -> revelation;
      case "sign-ins" -> "{\"receipt\":{\"chain\":\"" + Records.CHAIN + "\",\"seq\":1}}";
      case "people" ->
          "{\"people\":["
              + person(Records.ALICE, "Alice Almeida")
              + ","
              + person(Records.BOB, "Bob Bianchi")
              + ","
              + person(Records.OLGA, "Olga Ortiz")
              + "]}";
      case "status" ->
          "{\"environment\":\"demo\",\"version\":\"test\",\"revision\":\""
              + revision
              + "\",\"reasons\":{\"SALES-004\":\""
              + bobMayNot
              + "\",\"SALES-001\":\"Sales people read {table} of their"
              + " own region.\",\"SALES-009\":\"The owner of {table} must approve this.\"}}";
      default -> "{}";
    };
  }

  private static String person(String pseudonym, String name) {
    return "{\"pseudonym\":\""
        + pseudonym
        + "\",\"name\":\""
        + name
        + "\",\"tenant\":\""
        + Records.TENANT
        + "\"}";
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
