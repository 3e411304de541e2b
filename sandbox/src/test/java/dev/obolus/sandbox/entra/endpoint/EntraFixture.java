// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A stand-in Entra on a free port, under a clock of its own, and what its clients send. */
final class EntraFixture implements AutoCloseable {
  static final JsonMapper JSON = JsonMapper.shared();
  static final String VERIFIER = "a-verifier-that-is-long-enough-to-be-one-0123456789";
  static final String NATIVE = "http://localhost:7777/";
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final HttpServer server;
  private final EntraApi entra;
  private final Path data;
  private final List<EntraApi.Seen> seen = new CopyOnWriteArrayList<>();
  private Duration ahead = Duration.ZERO;

  private EntraFixture(Path data) throws Exception {
    this.data = data;
    this.entra = new EntraApi(data, clock(), seen::add);
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", entra);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  static EntraFixture in(Path data) throws Exception {
    return new EntraFixture(data);
  }

  private Clock clock() {
    return new Clock() {
      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return this;
      }

      @Override
      public Instant instant() {
        return Instant.now().plus(ahead);
      }
    };
  }

  void later(Duration by) {
    ahead = ahead.plus(by);
  }

  void reset() {
    entra.reset();
    ahead = Duration.ZERO;
    seen.clear();
  }

  EntraApi entra() {
    return entra;
  }

  List<EntraApi.Seen> seen() {
    return List.copyOf(seen);
  }

  /** A token for the gateway, as if the user had signed in just now. */
  String userToken(String user, String client) {
    return entra.tokens().forUser(user(user), app(client), app("gateway"));
  }

  static Directory.User user(String name) {
    return Directory.user(name).orElseThrow();
  }

  static App app(String name) {
    return Directory.app(name).orElseThrow();
  }

  /** What the gateway sends to act for somebody at the data plane. */
  Map<String, String> exchange(String assertion) throws Exception {
    return new HashMap<>(
        Map.of(
            "grant_type",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "client_id",
            Directory.GATEWAY,
            "client_secret",
            secret("gateway-client"),
            "assertion",
            assertion,
            "scope",
            Directory.DATABRICKS + "/.default",
            "requested_token_use",
            "on_behalf_of"));
  }

  Map<String, String> clientCredentials(String client, String scope) throws Exception {
    return new HashMap<>(
        Map.of(
            "grant_type",
            "client_credentials",
            "client_id",
            app(client).clientId(),
            "client_secret",
            secret(client),
            "scope",
            scope));
  }

  /** Signs in to the command line's application by a code, and redeems it. */
  JsonNode signIn(String segment, String user, String scope, Map<String, String> more)
      throws Exception {
    Map<String, String> asked = new HashMap<>(authorization(Directory.CLI, NATIVE, scope));
    asked.putAll(more);
    asked.put("user", user);
    HttpResponse<String> answer = post(segment, "/oauth2/v2.0/authorize", asked);
    Matcher code =
        Pattern.compile("code=([^&]+)")
            .matcher(answer.headers().firstValue("Location").orElse(answer.body()));
    if (!code.find()) {
      throw new AssertionError(answer.statusCode() + " " + answer.body());
    }
    return token(
        segment,
        Map.of(
            "grant_type",
            "authorization_code",
            "client_id",
            Directory.CLI,
            "code",
            code.group(1),
            "redirect_uri",
            NATIVE,
            "code_verifier",
            VERIFIER,
            "client_info",
            "1"));
  }

  static Map<String, String> authorization(String client, String redirect, String scope) {
    return Map.of(
        "client_id",
        client,
        "redirect_uri",
        redirect,
        "response_type",
        "code",
        "scope",
        scope,
        "state",
        "s-1",
        "nonce",
        "n-1",
        "code_challenge",
        Pkce.challenge(VERIFIER),
        "code_challenge_method",
        "S256");
  }

  String secret(String name) throws Exception {
    return Files.readString(data.resolve(name + ".secret"));
  }

  /** The home tenant's token endpoint. */
  JsonNode token(Map<String, String> form) throws Exception {
    return token(Directory.TENANT, form);
  }

  JsonNode token(String segment, Map<String, String> form) throws Exception {
    return JSON.readTree(post(segment, "/oauth2/v2.0/token", form).body());
  }

  HttpResponse<String> post(String segment, String path, Map<String, String> form)
      throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(uri("/" + segment + path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("client-request-id", "c0ffee00-0000-4000-8000-000000000001")
            .header("return-client-request-id", "true")
            .timeout(Duration.ofSeconds(20))
            .POST(HttpRequest.BodyPublishers.ofString(form(form)))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  JsonNode json(String path) throws Exception {
    return JSON.readTree(get(path).body());
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  static String form(Map<String, String> form) {
    return form.entrySet().stream()
        .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  static int aadsts(JsonNode answer) {
    return answer.path("error_codes").path(0).asInt();
  }

  /** The claims of the access token in an answer. */
  static JWTClaimsSet claims(JsonNode answer) throws ParseException {
    String token = answer.path("access_token").asString("");
    if (token.isEmpty()) {
      throw new AssertionError("no token: " + answer);
    }
    return SignedJWT.parse(token).getJWTClaimsSet();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
