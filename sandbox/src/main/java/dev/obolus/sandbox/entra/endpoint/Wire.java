// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One HTTP exchange, read and answered. */
final class Wire {
  private static final int LARGEST_BODY = 256 * 1024;
  private static final int DRIPS_A_SECOND = 5;
  private final HttpExchange exchange;
  private final String trace = UUID.randomUUID().toString();

  Wire(HttpExchange exchange) {
    this.exchange = exchange;
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.getResponseHeaders().set("x-ms-request-id", trace);
    if ("true".equals(header("return-client-request-id"))) {
      exchange.getResponseHeaders().set("client-request-id", correlation());
    }
  }

  String trace() {
    return trace;
  }

  /** The caller's own id for the call, or one of ours. */
  String correlation() {
    String given = header("client-request-id");
    return given.matches("[0-9a-zA-Z-]{1,64}") ? given : trace;
  }

  String method() {
    return exchange.getRequestMethod();
  }

  String path() {
    return exchange.getRequestURI().getPath();
  }

  String header(String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  /** The address that the caller used. */
  String base() {
    String scheme = exchange instanceof com.sun.net.httpserver.HttpsExchange ? "https" : "http";
    return scheme + "://" + header("Host");
  }

  Map<String, String> query() {
    return decode(exchange.getRequestURI().getRawQuery());
  }

  Map<String, String> form() throws IOException {
    byte[] bytes = exchange.getRequestBody().readNBytes(LARGEST_BODY);
    return decode(new String(bytes, StandardCharsets.UTF_8));
  }

  void json(int status, JsonNode body) throws IOException {
    send(status, "application/json; charset=utf-8", JsonMapper.shared().writeValueAsString(body));
  }

  /**
   * @param formAction where forms on the page may lead
   */
  void html(int status, String page, String nonce, String formAction) throws IOException {
    set(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'nonce-%s'; form-action %s; base-uri 'none'; frame-ancestors 'none'"
            .formatted(nonce, formAction));
    send(status, "text/html; charset=utf-8", page);
  }

  void redirect(String target) throws IOException {
    set("Location", target);
    exchange.sendResponseHeaders(302, -1);
  }

  void set(String header, String value) {
    exchange.getResponseHeaders().set(header, value);
  }

  void send(int status, String type, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** Silence, then the end of the connection. */
  static void hang(Duration time) throws IOException {
    sleep(time);
  }

  /** Begins an answer, sends a byte now and then, and breaks off. */
  void drip(Duration time) throws IOException {
    set("Content-Type", "application/json; charset=utf-8");
    exchange.sendResponseHeaders(200, 1_000_000);
    OutputStream out = exchange.getResponseBody();
    out.write('{');
    for (long i = 0; i < time.toSeconds() * DRIPS_A_SECOND; i++) {
      out.write(' ');
      out.flush();
      sleep(Duration.ofMillis(1_000 / DRIPS_A_SECOND));
    }
  }

  private static void sleep(Duration time) throws IOException {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static Map<String, String> decode(@Nullable String encoded) {
    Map<String, String> form = new LinkedHashMap<>();
    if (encoded == null || encoded.isEmpty()) {
      return form;
    }
    for (String pair : List.of(encoded.split("&", -1))) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        form.putIfAbsent(
            URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return form;
  }
}
