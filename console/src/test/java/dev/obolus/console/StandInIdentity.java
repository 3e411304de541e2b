// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** An identity provider that signs in whoever the test says, and checks what the console sends. */
public final class StandInIdentity implements AutoCloseable {
  static final String CLIENT = "0b010500-0000-4000-8000-0000000000a3";
  static final String OPERATOR_API = "0b010500-0000-4000-8000-0000000000a2";
  static final String SECRET = "not-a-real-secret";

  private final HttpServer server;
  private final RSAKey key;
  private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();
  volatile Who who = Who.OLGA;
  volatile Duration life = Duration.ofMinutes(60);
  volatile String audience = OPERATOR_API;
  volatile String tenantClaim = Records.TENANT;
  volatile String lastRefusal = "";
  volatile String lastPrompt = "";

  /** Somebody who can sign in. */
  public record Who(String name, String oid, List<String> roles) {
    public static final Who OLGA =
        new Who("Olga Ortiz", "0b010500-0000-4000-8000-0000000000c3", List.of("Soc"));
    public static final Who ADA =
        new Who("Ada Adeyemi", "0b010500-0000-4000-8000-0000000000c7", List.of("Auditor"));
    public static final Who PAUL =
        new Who("Paul Petit", "0b010500-0000-4000-8000-0000000000c5", List.of("Author"));
  }

  StandInIdentity() {
    try {
      key = new RSAKeyGenerator(2048).keyID("k1").generate();
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException | JOSEException e) {
      throw new IllegalStateException(e);
    }
    server.createContext("/" + Records.TENANT + "/oauth2/v2.0/authorize", this::authorize);
    server.createContext("/" + Records.TENANT + "/oauth2/v2.0/token", this::token);
    server.createContext("/" + Records.TENANT + "/oauth2/v2.0/logout", this::logout);
    server.createContext(
        "/" + Records.TENANT + "/discovery/v2.0/keys",
        x -> answer(x, 200, new JWKSet(key.toPublicJWK()).toString()));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void authorize(HttpExchange x) throws IOException {
    var asked = form(x.getRequestURI().getRawQuery());
    boolean sound =
        "code".equals(asked.get("response_type"))
            && "S256".equals(asked.get("code_challenge_method"))
            && CLIENT.equals(asked.get("client_id"))
            && asked.getOrDefault("scope", "").contains("api://obolus-operator/.default")
            && asked.containsKey("nonce");
    if (!sound) {
      lastRefusal = "authorize: " + asked.keySet();
      answer(x, 400, "{}");
      return;
    }
    lastPrompt = asked.getOrDefault("prompt", "");
    var code = UUID.randomUUID().toString();
    codes.put(code, asked);
    redirect(
        x,
        asked.get("redirect_uri")
            + "?code="
            + code
            + "&state="
            + URLEncoder.encode(asked.get("state"), StandardCharsets.UTF_8));
  }

  private void token(HttpExchange x) throws IOException {
    var sent = form(new String(x.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    var asked = codes.remove(sent.getOrDefault("code", ""));
    if (asked == null
        || !SECRET.equals(sent.get("client_secret"))
        || !challenge(sent.getOrDefault("code_verifier", "")).equals(asked.get("code_challenge"))) {
      lastRefusal = "token: " + sent.keySet();
      answer(x, 400, "{\"error\":\"invalid_grant\"}");
      return;
    }
    var idToken = jwt(CLIENT).claim("nonce", asked.get("nonce")).claim("name", who.name());
    var access = jwt(audience).claim("roles", who.roles()).claim("scp", "operate");
    answer(
        x,
        200,
        "{\"token_type\":\"Bearer\",\"expires_in\":"
            + life.toSeconds()
            + ",\"access_token\":\""
            + signed(access)
            + "\",\"id_token\":\""
            + signed(idToken)
            + "\"}");
  }

  private void logout(HttpExchange x) throws IOException {
    redirect(
        x, form(x.getRequestURI().getRawQuery()).getOrDefault("post_logout_redirect_uri", "/"));
  }

  private JWTClaimsSet.Builder jwt(String audience) {
    var now = Instant.now();
    return new JWTClaimsSet.Builder()
        .issuer("https://entra.obolus.test/" + Records.TENANT + "/v2.0")
        .audience(audience)
        .subject("s-" + who.oid())
        .claim("oid", who.oid())
        .claim("tid", tenantClaim)
        .claim("ver", "2.0")
        .issueTime(Date.from(now))
        .expirationTime(Date.from(now.plus(life)));
  }

  private String signed(JWTClaimsSet.Builder claims) {
    try {
      var jwt =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k1").build(), claims.build());
      jwt.sign(new RSASSASigner(key));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String challenge(String verifier) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(
              MessageDigest.getInstance("SHA-256")
                  .digest(verifier.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static Map<String, String> form(String encoded) {
    return Arrays.stream(encoded.split("&"))
        .map(pair -> pair.split("=", 2))
        .collect(
            Collectors.toMap(
                p -> URLDecoder.decode(p[0], StandardCharsets.UTF_8),
                p -> p.length > 1 ? URLDecoder.decode(p[1], StandardCharsets.UTF_8) : ""));
  }

  static void answer(HttpExchange x, int status, String json) throws IOException {
    var bytes = json.getBytes(StandardCharsets.UTF_8);
    x.getResponseHeaders().set("Content-Type", "application/json");
    x.sendResponseHeaders(status, bytes.length);
    x.getResponseBody().write(bytes);
    x.close();
  }

  private static void redirect(HttpExchange x, String to) throws IOException {
    x.getResponseHeaders().set("Location", URI.create(to).toString());
    x.sendResponseHeaders(302, -1);
    x.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
