// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** A token endpoint on loopback that answers as a test says, and keeps what it was sent. */
final class ScriptedEntra implements AutoCloseable {
  final List<Received> received = new CopyOnWriteArrayList<>();
  volatile Function<Received, Mono<Answer>> script = _ -> Mono.just(issued("token-1"));
  private final DisposableServer server;

  record Received(String path, Map<String, String> headers, Map<String, String> form) {}

  record Answer(int status, Map<String, String> headers, String body) {}

  ScriptedEntra() {
    server =
        HttpServer.create()
            .host("127.0.0.1")
            .port(0)
            .handle((request, response) ->
                request
                    .receive()
                    .aggregate()
                    .asString()
                    .defaultIfEmpty("")
                    .flatMap(body -> {
                      var headers = new HashMap<String, String>();
                      request
                          .requestHeaders()
                          .forEach(
                              h -> headers.put(h.getKey().toLowerCase(Locale.ROOT), h.getValue()));
                      var got = new Received(request.uri(), headers, form(body));
                      received.add(got);
                      return script.apply(got);
                    })
                    .flatMap(answer -> {
                      answer.headers().forEach(response::header);
                      return response
                          .status(answer.status())
                          .sendString(Mono.just(answer.body()))
                          .then();
                    }))
            .bindNow();
  }

  URI authority() {
    return URI.create("http://127.0.0.1:" + server.port());
  }

  static Answer issued(String token) {
    return new Answer(
        200,
        Map.of("client-request-id", "entra-correlation"),
        """
        {"token_type":"Bearer","expires_in":3600,"access_token":"%s"}\
        """
            .formatted(token));
  }

  static Answer refused(int status, String error, int code, String more) {
    return new Answer(
        status,
        Map.of(),
        """
        {"error":"%s","error_codes":[%d],"correlation_id":"c-1","trace_id":"t-1",
         "error_description":"AADSTS%d: secret words of Entra about bob@example.com"%s}\
        """
            .formatted(error, code, code, more));
  }

  private static Map<String, String> form(String body) {
    var form = new HashMap<String, String>();
    for (String pair : body.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      if (parts.length == 2) {
        form.put(
            URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
            URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
      }
    }
    return form;
  }

  @Override
  public void close() {
    server.disposeNow();
  }
}
