// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.vault;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsExchange;
import dev.obolus.sandbox.vault.Vault.Version;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /secrets/…} and {@code /keys/…}, as Key Vault answers them to those with a token of the
 * application's own and the right. Values and keys are made by whoever runs the sandbox, not here.
 */
public final class VaultApi implements HttpHandler {
  public static final List<String> PATHS = List.of("/secrets/", "/keys/");

  private static final Pattern ONE =
      Pattern.compile(
          "/(secrets|keys)/([0-9a-zA-Z-]{1,127})(?:/([0-9a-f]{32}))?(?:/(versions|rotate|wrapkey|unwrapkey))?");
  private static final int PAGE = 2;
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Vault vault;
  private final String tenant;
  private final Function<String, Optional<String>> application;
  private final Observer observer;
  private final Set<String> allowed = ConcurrentHashMap.newKeySet();
  private final AtomicInteger throttled = new AtomicInteger();
  private final AtomicInteger ill = new AtomicInteger();
  private volatile int retryAfter;

  /**
   * @param tenant whose vault it is
   * @param application the client id in an application's own token for Key Vault
   * @param allowed client ids that have every right here
   */
  public VaultApi(
      Vault vault,
      String tenant,
      Function<String, Optional<String>> application,
      Set<String> allowed,
      Observer observer) {
    this.vault = vault;
    this.tenant = tenant;
    this.application = application;
    this.observer = observer;
    boolean _ = this.allowed.addAll(allowed);
  }

  /** Sees every call with a token that was taken. */
  @FunctionalInterface
  public interface Observer {
    void saw(String application, String call, int status);
  }

  public Vault vault() {
    return vault;
  }

  /** Gives an application every right here, or none. */
  public void allow(String clientId, boolean given) {
    boolean _ = given ? allowed.add(clientId) : allowed.remove(clientId);
  }

  /** The next so many calls are answered 429. */
  public void throttle(int times, int seconds) {
    retryAfter = seconds;
    throttled.set(times);
  }

  /** The next so many calls are answered 503. */
  public void fail(int times) {
    ill.set(times);
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String header = exchange.getRequestHeaders().getFirst("Authorization");
      Optional<String> client =
          header == null || !header.startsWith("Bearer ")
              ? Optional.empty()
              : application.apply(header.substring("Bearer ".length()));
      if (client.isEmpty()) {
        challenge(exchange);
        return;
      }
      Answer answer = answer(exchange, client.get());
      observer.saw(
          client.get(),
          exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath(),
          answer.status);
      send(exchange, answer);
    }
  }

  private record Answer(int status, ObjectNode body) {}

  private Answer answer(HttpExchange exchange, String client) throws IOException {
    if (counted(throttled)) {
      exchange.getResponseHeaders().set("Retry-After", Integer.toString(retryAfter));
      return fault(429, "Throttled", "");
    }
    if (counted(ill)) {
      return fault(503, "ServiceUnavailable", "");
    }
    if (!allowed.contains(client)) {
      return fault(403, "Forbidden", "ForbiddenByRbac");
    }
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    Matcher one = ONE.matcher(exchange.getRequestURI().getPath());
    if (!query.contains("api-version=")) {
      return fault(400, "BadParameter", "");
    }
    return one.matches() ? route(exchange, one, query) : fault(404, "NotFound", "");
  }

  private static boolean counted(AtomicInteger left) {
    return left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
  }

  private Answer route(HttpExchange exchange, Matcher one, String query) throws IOException {
    String kind = one.group(1);
    String name = one.group(2);
    String version = one.group(3) == null ? "" : one.group(3);
    Optional<Version> found = vault.find(kind, name, version);
    if (found.isEmpty()) {
      return fault(404, kind.equals("keys") ? "KeyNotFound" : "SecretNotFound", "");
    }
    String act = exchange.getRequestMethod() + (one.group(4) == null ? "" : " " + one.group(4));
    String base = base(exchange) + "/" + kind + "/" + name;
    return switch (act) {
      case "GET" -> shown(kind, base, found.get());
      case "GET versions" -> versions(kind, name, base, query);
      case "PATCH" -> {
        boolean enabled =
            body(exchange).path("attributes").path("enabled").asBoolean(found.get().enabled());
        vault.enable(kind, name, found.get().id(), enabled);
        yield new Answer(200, described(kind, base, found.get(), enabled));
      }
      case "POST rotate" -> {
        String made = vault.putKey(name);
        yield shown(kind, base, vault.find(kind, name, made).orElseThrow());
      }
      case "POST wrapkey", "POST unwrapkey" ->
          version.isEmpty() || kind.equals("secrets")
              ? fault(400, "BadParameter", "")
              : crypt(act.endsWith(" wrapkey"), base, found.get(), body(exchange));
      default -> fault(405, "MethodNotAllowed", "");
    };
  }

  private static Answer shown(String kind, String base, Version version) {
    return version.enabled()
        ? new Answer(200, described(kind, base, version, true))
        : disabled(kind);
  }

  /** A secret with its value, a key with its public part. */
  private static ObjectNode described(String kind, String base, Version version, boolean enabled) {
    String id = base + "/" + version.id();
    ObjectNode json = JSON.createObjectNode();
    if (kind.equals("secrets")) {
      json.put("value", version.content()).put("id", id);
    } else {
      ObjectNode key = json.putObject("key").put("kid", id).put("kty", "RSA");
      key.putArray("key_ops").add("wrapKey").add("unwrapKey");
      key.put("n", version.key().getModulus().toString());
      key.put("e", version.key().getPublicExponent().toString());
    }
    json.putObject("attributes").put("enabled", enabled).put("recoverableDays", 90);
    return json;
  }

  private Answer versions(String kind, String name, String base, String query) {
    List<Version> all = vault.versions(kind, name);
    Matcher skip = Pattern.compile("skiptoken=(\\d{1,4})").matcher(query);
    int from = skip.find() ? Integer.parseInt(skip.group(1)) : 0;
    ObjectNode json = JSON.createObjectNode();
    var list = json.putArray("value");
    all.stream()
        .skip(from)
        .limit(PAGE)
        .forEach(one ->
            list.addObject()
                .put(kind.equals("keys") ? "kid" : "id", base + "/" + one.id())
                .putObject("attributes")
                .put("enabled", one.enabled()));
    json.put(
        "nextLink",
        from + PAGE < all.size()
            ? base + "/versions?api-version=7.4&$skiptoken=" + (from + PAGE)
            : null);
    return new Answer(200, json);
  }

  private static Answer crypt(boolean wraps, String base, Version version, JsonNode body) {
    if (!version.enabled()) {
      return disabled("keys");
    }
    if (!body.path("alg").asString("").equals("RSA-OAEP-256")) {
      return fault(400, "BadParameter", "");
    }
    try {
      byte[] input = Base64.getUrlDecoder().decode(body.path("value").asString(""));
      byte[] output = version.crypt(wraps ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE, input);
      return new Answer(
          200,
          JSON.createObjectNode()
              .put("kid", base + "/" + version.id())
              .put("value", Base64.getUrlEncoder().withoutPadding().encodeToString(output)));
    } catch (GeneralSecurityException | IllegalArgumentException _) {
      return fault(400, "BadParameter", "");
    }
  }

  private static Answer disabled(String kind) {
    return fault(403, "Forbidden", kind.equals("keys") ? "KeyDisabled" : "SecretDisabled");
  }

  private static Answer fault(int status, String code, String inner) {
    ObjectNode json = JSON.createObjectNode();
    ObjectNode error = json.putObject("error").put("code", code).put("message", "Not that way.");
    if (!inner.isEmpty()) {
      error.putObject("innererror").put("code", inner);
    }
    return new Answer(status, json);
  }

  private void challenge(HttpExchange exchange) throws IOException {
    exchange
        .getResponseHeaders()
        .set(
            "WWW-Authenticate",
            "Bearer authorization=\"%s/%s\", resource=\"https://vault.azure.net\""
                .formatted(base(exchange), tenant));
    send(exchange, fault(401, "Unauthorized", ""));
  }

  private static String base(HttpExchange exchange) {
    String scheme = exchange instanceof HttpsExchange ? "https" : "http";
    return scheme + "://" + exchange.getRequestHeaders().getFirst("Host");
  }

  private static JsonNode body(HttpExchange exchange) throws IOException {
    try {
      return JSON.readTree(exchange.getRequestBody().readNBytes(64 * 1024));
    } catch (JacksonException _) {
      return JSON.createObjectNode();
    }
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    byte[] bytes = JSON.writeValueAsString(answer.body).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(answer.status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
