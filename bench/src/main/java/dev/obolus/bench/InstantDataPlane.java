// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.bench;

import java.nio.charset.StandardCharsets;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/**
 * A Databricks that answers every statement at once with three rows, so that a load run measures
 * the gateway and not a query engine. Started beside the generator, on 127.0.0.1.
 */
final class InstantDataPlane implements AutoCloseable {
  private static final byte[] ANSWER =
      """
      {"statement_id":"01f0aaaa-0000-1000-8000-000000000001","status":{"state":"SUCCEEDED"},\
      "manifest":{"format":"JSON_ARRAY","schema":{"column_count":2,"columns":[\
      {"name":"id","type_text":"BIGINT","type_name":"LONG","position":0},\
      {"name":"region","type_text":"STRING","type_name":"STRING","position":1}]},\
      "total_row_count":3,"total_chunk_count":1,"truncated":false},\
      "result":{"chunk_index":0,"row_offset":0,"row_count":3,\
      "data_array":[["1","EMEA"],["2","EMEA"],["3","EMEA"]]}}\
      """
          .getBytes(StandardCharsets.UTF_8);

  private final DisposableServer server;

  private InstantDataPlane(DisposableServer server) {
    this.server = server;
  }

  static InstantDataPlane start() {
    return new InstantDataPlane(
        HttpServer.create()
            .host("127.0.0.1")
            .port(0)
            .handle((request, response) ->
                request
                    .receive()
                    .then()
                    .then(
                        response
                            .header("Content-Type", "application/json")
                            .sendByteArray(Mono.just(ANSWER))
                            .then()))
            .bindNow());
  }

  String url() {
    return "http://127.0.0.1:" + server.port();
  }

  @Override
  public void close() {
    server.disposeNow();
  }
}
