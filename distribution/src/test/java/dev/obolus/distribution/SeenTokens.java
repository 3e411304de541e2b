// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.distribution;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A Databricks that serves everybody of any tenant, and keeps whose tokens came. */
final class SeenTokens implements AutoCloseable {
  private static final byte[] ANSWER =
      """
      {"statement_id":"01f0aaaa-0000-1000-8000-000000000001","status":{"state":"SUCCEEDED"},\
      "manifest":{"format":"JSON_ARRAY","schema":{"column_count":1,"columns":[\
      {"name":"id","type_text":"BIGINT","type_name":"LONG","position":0}]},\
      "total_row_count":1,"total_chunk_count":1,"truncated":false},\
      "result":{"chunk_index":0,"row_offset":0,"row_count":1,"data_array":[["1"]]}}\
      """
          .getBytes(StandardCharsets.UTF_8);

  private final HttpServer server;
  private final List<JWTClaimsSet> seen = new CopyOnWriteArrayList<>();

  private SeenTokens(HttpServer server) {
    this.server = server;
  }

  static SeenTokens start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    var source = new SeenTokens(server);
    var _ = server.createContext("/", source::answer);
    server.start();
    return source;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** The claims of each token, in the order in which they came. */
  List<JWTClaimsSet> seen() {
    return List.copyOf(seen);
  }

  void forget() {
    seen.clear();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var _ = exchange.getRequestBody().readAllBytes();
      String bearer = exchange.getRequestHeaders().getFirst("Authorization");
      seen.add(SignedJWT.parse(bearer.replaceFirst("^Bearer ", "")).getJWTClaimsSet());
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, ANSWER.length);
      exchange.getResponseBody().write(ANSWER);
    } catch (ParseException e) {
      throw new IOException("not a token", e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
