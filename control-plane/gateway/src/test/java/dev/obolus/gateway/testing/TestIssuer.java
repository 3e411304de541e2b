// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.testing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.json.JsonMapper;

/** A small issuer in Entra's shape: metadata, keys, and tokens of any make, good and bad. */
public final class TestIssuer implements AutoCloseable {
  public static final String TENANT = "0b010500-0000-4000-8000-000000000001";
  public static final String THIRD_TENANT = "0b010500-0000-4000-8000-000000000003";
  public static final String OTHER_TENANT = "0b010500-0000-4000-8000-000000000002";
  public static final String GATEWAY = "0b010500-0000-4000-8000-0000000000a1";
  public static final String OPERATOR = "0b010500-0000-4000-8000-0000000000a2";
  public static final String CONSOLE = "0b010500-0000-4000-8000-0000000000a3";
  public static final String AGENT = "0b010500-0000-4000-8000-0000000000b1";
  public static final String OTHER_AGENT = "0b010500-0000-4000-8000-0000000000b9";
  public static final String ALICE = "0b010500-0000-4000-8000-0000000000c1";
  public static final String BOB = "0b010500-0000-4000-8000-0000000000c2";
  public static final String ISSUER = "https://entra.obolus.test/{tenantid}/v2.0";

  /** Whose metadata name which issuers, by version. */
  public enum Cloud {
    SANDBOX("https://entra.obolus.test/{tenantid}/", ISSUER),
    PUBLIC(
        "https://sts.windows.net/{tenantid}/", "https://login.microsoftonline.com/{tenantid}/v2.0"),
    US_GOVERNMENT(
        "https://sts.windows.net/{tenantid}/", "https://login.microsoftonline.us/{tenantid}/v2.0"),
    CHINA(
        "https://sts.chinacloudapi.cn/{tenantid}/",
        "https://login.partner.microsoftonline.cn/{tenantid}/v2.0");

    private final String v1;
    private final String v2;

    Cloud(String v1, String v2) {
      this.v1 = v1;
      this.v2 = v2;
    }

    public String issuer(boolean version1, String tenant) {
      return (version1 ? v1 : v2).replace("{tenantid}", tenant);
    }
  }

  private static final JsonMapper JSON = new JsonMapper();

  private final HttpServer server;
  private final RSAKey key = newKey("key-1");
  private final List<Map<String, Object>> published = new ArrayList<>();
  private final AtomicInteger keyFetches = new AtomicInteger();

  public TestIssuer() {
    this(Cloud.SANDBOX);
  }

  public TestIssuer(Cloud cloud) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
    publish(key, cloud.v2);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          String tenant = path.split("/", -1)[1];
          Object body;
          if (path.endsWith("/discovery/v2.0/keys") || path.endsWith("/discovery/keys")) {
            keyFetches.incrementAndGet();
            body = Map.of("keys", published(path.contains("/v2.0/")));
          } else {
            body =
                Map.of(
                    "issuer",
                    cloud.issuer(!path.contains("/v2.0/"), tenant),
                    "jwks_uri",
                    authority() + "/" + tenant + keysPath(path));
          }
          byte[] bytes = JSON.writeValueAsBytes(body);
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
  }

  private static String keysPath(String metadataPath) {
    return metadataPath.contains("/v2.0/") ? "/discovery/v2.0/keys" : "/discovery/keys";
  }

  public URI authority() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  public RSAKey key() {
    return key;
  }

  public int keyFetches() {
    return keyFetches.get();
  }

  /** Version 1 publishes the same keys, without the member that says whose they are. */
  private List<Map<String, Object>> published(boolean version2) {
    return published.stream()
        .map(jwk -> {
          Map<String, Object> copy = new LinkedHashMap<>(jwk);
          if (!version2) {
            copy.remove("issuer");
          }
          return copy;
        })
        .toList();
  }

  /** Adds a key to those that are published. */
  public void publish(RSAKey added, String issuer) {
    Map<String, Object> jwk = new LinkedHashMap<>(added.toPublicJWK().toJSONObject());
    jwk.put("use", "sig");
    jwk.put("issuer", issuer);
    published.add(jwk);
  }

  public void withdraw(String keyId) {
    published.removeIf(jwk -> keyId.equals(jwk.get("kid")));
  }

  public static RSAKey newKey(String id) {
    try {
      return new RSAKeyGenerator(2048).keyID(id).generate();
    } catch (JOSEException fault) {
      throw new IllegalStateException(fault);
    }
  }

  /** A good token's claims, to be bent by a test. */
  public static Map<String, Object> claims(String person) {
    long now = Instant.now().getEpochSecond();
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("ver", "2.0");
    claims.put("iss", ISSUER.replace("{tenantid}", TENANT));
    claims.put("tid", TENANT);
    claims.put("aud", GATEWAY);
    claims.put("oid", person);
    claims.put("sub", "pairwise-" + person);
    claims.put("azp", AGENT);
    claims.put("azpacr", "1");
    claims.put("scp", "access_as_user");
    claims.put("uti", UUID.randomUUID().toString());
    claims.put("iat", now);
    claims.put("nbf", now - 5);
    claims.put("exp", now + 3600);
    return claims;
  }

  public String token(String person) {
    return sign(claims(person));
  }

  public String sign(Map<String, Object> claims) {
    return sign(claims, key, JWSAlgorithm.RS256);
  }

  public static String sign(Map<String, Object> claims, RSAKey key, JWSAlgorithm algorithm) {
    try {
      JWSObject signed =
          new JWSObject(
              new JWSHeader.Builder(algorithm).keyID(key.getKeyID()).build(),
              new Payload(new String(JSON.writeValueAsBytes(claims), StandardCharsets.UTF_8)));
      signed.sign(new RSASSASigner(key));
      return signed.serialize();
    } catch (JOSEException fault) {
      throw new IllegalStateException(fault);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
