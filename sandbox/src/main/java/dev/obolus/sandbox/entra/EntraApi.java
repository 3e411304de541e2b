// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The HTTP face of the stand-in Entra. Addresses in its metadata are built from the Host header
 * that the caller used; the issuer is the same everywhere.
 */
public final class EntraApi implements HttpHandler {
  private static final int LARGEST_BODY = 256 * 1024;
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Tokens tokens;
  private final RSAKey key;
  private final SignIns signIns = new SignIns();
  private final TokenGrants grants;
  private final Observer observer;
  private final String root = "/" + Directory.TENANT;
  private volatile @Nullable Scripted scripted;

  public EntraApi(Path data, Clock clock, Observer observer) throws IOException {
    Installation installation = Installation.in(data);
    this.key = installation.signingKey();
    this.tokens = new Tokens(key, clock);
    this.grants = new TokenGrants(tokens, new ClientProof(installation, clock), signIns);
    this.observer = observer;
  }

  /** Tokens that must be refused, made from the claims of a good one. */
  public Forgeries forgeries(JWTClaimsSet good) {
    return new Forgeries(tokens, key, good);
  }

  public Tokens tokens() {
    return tokens;
  }

  /** Sees every call of the token endpoint. */
  @FunctionalInterface
  public interface Observer {
    /**
     * @param person the object id in the token that was issued, or {@code -}
     */
    void saw(String grantType, String clientId, String person, int status);
  }

  /**
   * For tests: the token endpoint answers so, until told otherwise.
   *
   * @param body of any kind, JSON or not
   */
  public record Scripted(
      int status, String contentType, String body, Map<String, String> headers, Duration after) {

    /** A refusal as Entra words it. */
    public static Scripted of(EntraError error) {
      return new Scripted(
          error.status(), "application/json", error.json().toString(), Map.of(), Duration.ZERO);
    }
  }

  /** Null ends the script. */
  public void script(@Nullable Scripted answer) {
    scripted = answer;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      exchange.getResponseHeaders().set("x-ms-request-id", UUID.randomUUID().toString());
      String call = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
      try {
        route(exchange, call);
      } catch (IllegalArgumentException _) { // an escape or an encoding that is none
        json(exchange, 400, EntraError.of("invalid_request", 9002313, "Malformed request.").json());
      }
    }
  }

  private void route(HttpExchange exchange, String call) throws IOException {
    if (call.equals("GET " + root + "/v2.0/.well-known/openid-configuration")) {
      json(exchange, 200, metadata(exchange));
    } else if (call.equals("GET " + root + "/discovery/v2.0/keys")) {
      json(exchange, 200, keys());
    } else if (call.equals("GET " + root + "/oauth2/v2.0/authorize")) {
      authorize(exchange);
    } else if (call.equals("POST " + root + "/oauth2/v2.0/authorize")) {
      pick(exchange);
    } else if (call.equals("POST " + root + "/oauth2/v2.0/token")) {
      token(exchange);
    } else if (call.equals("GET " + root + "/oauth2/v2.0/logout")) {
      signedOut(exchange);
    } else {
      EntraError unknown = EntraError.of("invalid_request", 90002, "Tenant or endpoint not found.");
      json(exchange, 404, unknown.json());
    }
  }

  private ObjectNode metadata(HttpExchange exchange) {
    String base = base(exchange) + root;
    ObjectNode json = JSON.createObjectNode();
    json.put("issuer", Tokens.ISSUER);
    json.put("authorization_endpoint", base + "/oauth2/v2.0/authorize");
    json.put("token_endpoint", base + "/oauth2/v2.0/token");
    json.put("end_session_endpoint", base + "/oauth2/v2.0/logout");
    json.put("jwks_uri", base + "/discovery/v2.0/keys");
    json.putArray("response_types_supported").add("code");
    json.putArray("response_modes_supported").add("query");
    json.putArray("subject_types_supported").add("pairwise");
    json.putArray("id_token_signing_alg_values_supported").add("RS256");
    json.putArray("code_challenge_methods_supported").add("S256");
    ArrayNode ways = json.putArray("token_endpoint_auth_methods_supported");
    ClientProof.ways().forEach(ways::add);
    json.putArray("scopes_supported").add("openid").add("profile");
    return json;
  }

  private ObjectNode keys() {
    ObjectNode one = JSON.createObjectNode();
    one.put("kty", "RSA").put("use", "sig").put("kid", key.getKeyID()).put("x5t", key.getKeyID());
    one.put("n", key.getModulus().toString()).put("e", key.getPublicExponent().toString());
    if (key.getX509CertChain() != null) {
      ArrayNode chain = one.putArray("x5c");
      key.getX509CertChain().forEach(certificate -> chain.add(certificate.toString()));
    }
    one.put("issuer", "https://" + Directory.ISSUER_HOST + "/{tenantid}/v2.0");
    ObjectNode json = JSON.createObjectNode();
    json.putArray("keys").add(one);
    return json;
  }

  private void authorize(HttpExchange exchange) throws IOException {
    Map<String, String> query = form(exchange.getRequestURI().getRawQuery());
    String nonce = UUID.randomUUID().toString();
    Optional<String> fault = AuthorizePage.fault(query);
    if (fault.isPresent()) {
      html(exchange, 400, AuthorizePage.refusal(fault.get(), nonce), nonce, "'none'");
    } else {
      html(
          exchange,
          200,
          AuthorizePage.page(query, nonce),
          nonce,
          "'self' " + AuthorizePage.origin(query));
    }
  }

  private void pick(HttpExchange exchange) throws IOException {
    Map<String, String> form = body(exchange);
    Optional<Directory.User> user = Directory.user(form.getOrDefault("user", ""));
    Optional<Directory.App> client = Directory.app(form.getOrDefault("client_id", ""));
    Optional<String> fault = AuthorizePage.fault(form);
    if (fault.isPresent() || user.isEmpty() || client.isEmpty()) {
      String nonce = UUID.randomUUID().toString();
      html(
          exchange,
          400,
          AuthorizePage.refusal(fault.orElse("There is no such user."), nonce),
          nonce,
          "'none'");
      return;
    }
    String redirect = form.getOrDefault("redirect_uri", "");
    String code =
        signIns.issue(
            new SignIns.Code(
                user.get(),
                client.get(),
                redirect,
                form.getOrDefault("scope", ""),
                form.getOrDefault("code_challenge", ""),
                form.get("nonce"),
                System.nanoTime()));
    exchange
        .getResponseHeaders()
        .set(
            "Location",
            redirect
                + (redirect.contains("?") ? "&" : "?")
                + "code="
                + encode(code)
                + "&state="
                + encode(form.getOrDefault("state", "")));
    exchange.sendResponseHeaders(302, -1);
  }

  private void signedOut(HttpExchange exchange) throws IOException {
    String back =
        form(exchange.getRequestURI().getRawQuery()).getOrDefault("post_logout_redirect_uri", "");
    if (AuthorizePage.isLoopback(back)) {
      exchange.getResponseHeaders().set("Location", back);
      exchange.sendResponseHeaders(302, -1);
      return;
    }
    String nonce = UUID.randomUUID().toString();
    html(exchange, 200, AuthorizePage.refusal("You are signed out.", nonce), nonce, "'none'");
  }

  private void token(HttpExchange exchange) throws IOException {
    Map<String, String> form = body(exchange);
    basic(exchange, form);
    Scripted script = scripted;
    if (script != null) {
      noted(form, "-", script.status());
      play(exchange, script);
    } else {
      grant(exchange, form);
    }
  }

  private void noted(Map<String, String> form, String person, int status) {
    observer.saw(
        form.getOrDefault("grant_type", ""), form.getOrDefault("client_id", ""), person, status);
  }

  private void grant(HttpExchange exchange, Map<String, String> form) throws IOException {
    try {
      ObjectNode answer = grants.grant(form);
      noted(form, Tokens.personIn(answer.path("access_token").asString("")), 200);
      json(exchange, 200, answer);
    } catch (EntraError.Refused refused) {
      noted(form, "-", refused.why().status());
      json(exchange, refused.why().status(), refused.why().json());
    }
  }

  private static void play(HttpExchange exchange, Scripted script) throws IOException {
    try {
      Thread.sleep(script.after());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    script.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    send(exchange, script.status(), script.contentType(), script.body());
  }

  private static void basic(HttpExchange exchange, Map<String, String> form) {
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    if (header == null || !header.startsWith("Basic ")) {
      return;
    }
    String pair =
        new String(
            java.util.Base64.getDecoder().decode(header.substring("Basic ".length()).strip()),
            StandardCharsets.UTF_8);
    int colon = pair.indexOf(':');
    if (colon > 0) {
      form.put("client_id", URLDecoder.decode(pair.substring(0, colon), StandardCharsets.UTF_8));
      form.put(
          "client_secret", URLDecoder.decode(pair.substring(colon + 1), StandardCharsets.UTF_8));
    }
  }

  private static String base(HttpExchange exchange) {
    String scheme = exchange instanceof com.sun.net.httpserver.HttpsExchange ? "https" : "http";
    return scheme + "://" + exchange.getRequestHeaders().getFirst("Host");
  }

  private static Map<String, String> body(HttpExchange exchange) throws IOException {
    byte[] bytes = exchange.getRequestBody().readNBytes(LARGEST_BODY);
    return form(new String(bytes, StandardCharsets.UTF_8));
  }

  private static Map<String, String> form(@Nullable String encoded) {
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

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static void html(
      HttpExchange exchange, int status, String page, String nonce, String formAction)
      throws IOException {
    exchange
        .getResponseHeaders()
        .set(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'nonce-"
                + nonce
                + "'; form-action "
                + formAction
                + "; base-uri 'none'; frame-ancestors 'none'");
    send(exchange, status, "text/html; charset=utf-8", page);
  }

  private static void json(HttpExchange exchange, int status, JsonNode body) throws IOException {
    send(exchange, status, "application/json; charset=utf-8", JSON.writeValueAsString(body));
  }

  private static void send(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
