// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.azure.vault;

import dev.obolus.azure.AccessToken;
import dev.obolus.azure.AppTokens;
import dev.obolus.azure.Http;
import dev.obolus.azure.vault.VaultFailure.Code;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Key Vault's REST interface, version 7.4. Blocks, at most three attempts of ten seconds: a
 * throttled or ill vault is asked again after as long as it says, at most five seconds.
 *
 * <p>Guarantees: the token goes to the identifier's own vault and nowhere else, whatever the vault
 * answers; never on an event loop.
 */
public final class KeyVault {
  private static final String VERSION = "api-version=7.4";
  private static final int MOST_ATTEMPTS = 3;
  private static final int MOST_PAGES = 40;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
  private static final String WRAPPING = "RSA-OAEP-256";
  private static final Pattern WORD = Pattern.compile("[A-Za-z]{1,60}");
  private static final Pattern TENANT =
      Pattern.compile("authorization(?:_uri)?=\"https?://[^\"/]+/([0-9a-f-]{36})\"");

  private final AppTokens tokens;
  private final Http http;

  public KeyVault(AppTokens tokens, Http http) {
    this.tokens = tokens;
    this.http = http;
  }

  /** A secret's text: to be read once, and kept as the secret that it is. */
  public String secret(VaultId secret) throws IOException {
    String value = get(secret, secret.path()).path("value").asString("");
    if (value.isEmpty()) {
      throw malformed(secret);
    }
    return value;
  }

  /** The version of a key that is the newest now; fails unless it can wrap and unwrap. */
  VaultId newest(VaultId key) throws IOException {
    return version(key, usable(key, get(key, key.named(key.name(), "").path()).path("key")));
  }

  /** Wraps 32 bytes with this version. */
  byte[] wrap(VaultId version, byte[] plain) throws IOException {
    return crypt(version, "wrapkey", plain);
  }

  /** What was wrapped with this version. */
  byte[] unwrap(VaultId version, byte[] wrapped) throws IOException {
    return crypt(version, "unwrapkey", wrapped);
  }

  /** Makes a new version, which is the newest from now on. */
  VaultId rotate(VaultId key) throws IOException {
    String path = key.named(key.name(), "").path() + "/rotate";
    return version(key, usable(key, ask(key, "POST", at(key, path), "", false).path("key")));
  }

  /** Every version that still works. */
  List<VaultId> enabled(VaultId key) throws IOException {
    List<VaultId> versions = new ArrayList<>();
    URI page = at(key, key.named(key.name(), "").path() + "/versions");
    for (int i = 0; i < MOST_PAGES; i++) {
      JsonNode answer = ask(key, "GET", page, "", true);
      for (JsonNode one : answer.path("value")) {
        if (one.path("attributes").path("enabled").asBoolean(true)) {
          versions.add(version(key, one));
        }
      }
      String next = answer.path("nextLink").asString("");
      if (next.isEmpty()) {
        return versions;
      }
      page = inVault(key, next);
    }
    throw malformed(key);
  }

  /** Takes a version out of use: the vault refuses to unwrap with it from now on. */
  void disable(VaultId version) throws IOException {
    JsonNode _ =
        ask(
            version,
            "PATCH",
            at(version, version.path()),
            "{\"attributes\":{\"enabled\":false}}",
            true);
  }

  private byte[] crypt(VaultId version, String act, byte[] input) throws IOException {
    String body =
        JsonMapper.shared()
            .createObjectNode()
            .put("alg", WRAPPING)
            .put("value", Base64.getUrlEncoder().withoutPadding().encodeToString(input))
            .toString();
    JsonNode answer = ask(version, "POST", at(version, version.path() + "/" + act), body, true);
    try {
      return Base64.getUrlDecoder().decode(answer.path("value").asString(""));
    } catch (IllegalArgumentException _) {
      throw malformed(version);
    }
  }

  private static JsonNode usable(VaultId key, JsonNode bundle) throws VaultFailure {
    Set<String> can = new java.util.TreeSet<>();
    bundle.path("key_ops").forEach(one -> can.add(one.asString("")));
    if (!bundle.path("kty").asString("").startsWith("RSA")
        || !can.containsAll(Set.of("wrapKey", "unwrapKey"))) {
      throw new VaultFailure(
          Code.VAULT_FORBIDDEN, key + " is not an RSA key that may wrapKey and unwrapKey.");
    }
    return bundle;
  }

  private VaultId version(VaultId key, JsonNode bundle) throws VaultFailure {
    try {
      VaultId found =
          VaultId.parse(bundle.path("kid").asString(""), VaultId.Kind.KEY, tokens.cloud());
      if (found.vault().equals(key.vault())
          && found.name().equals(key.name())
          && !found.version().isEmpty()) {
        return found;
      }
    } catch (IllegalArgumentException _) {
      // told below
    }
    throw malformed(key);
  }

  private JsonNode get(VaultId what, String path) throws IOException {
    return ask(what, "GET", at(what, path), "", true);
  }

  private static URI at(VaultId what, String path) {
    return URI.create(what.vault() + path + "?" + VERSION);
  }

  private static URI inVault(VaultId key, String next) throws VaultFailure {
    URI address;
    try {
      address = URI.create(next);
    } catch (IllegalArgumentException _) {
      throw malformed(key);
    }
    if (!key.vault().equals(URI.create(address.getScheme() + "://" + address.getRawAuthority()))) {
      throw malformed(key);
    }
    return address;
  }

  /**
   * One answer of the vault.
   *
   * @param again whether it may be asked twice for the same
   */
  private JsonNode ask(VaultId what, String method, URI address, String body, boolean again)
      throws IOException {
    if (Schedulers.isInNonBlockingThread()) {
      throw new IllegalStateException("an event loop does not wait for a vault");
    }
    boolean renewed = false;
    for (int attempt = 1; ; attempt++) {
      boolean last = attempt == MOST_ATTEMPTS;
      HttpResponse<String> answer =
          sent(what, request(method, address, body, renewed), again && !last);
      if (answer == null) {
        pause(Optional.empty(), attempt);
      } else if (answer.statusCode() / 100 == 2) {
        return json(what, answer.body());
      } else if (answer.statusCode() == 401 && !renewed) {
        renewed = true;
      } else if (!last && (answer.statusCode() == 429 || (again && answer.statusCode() >= 500))) {
        pause(answer.headers().firstValue("Retry-After"), attempt);
      } else {
        throw refused(what, answer);
      }
    }
  }

  private HttpRequest request(String method, URI address, String body, boolean anew)
      throws IOException {
    String resource = tokens.cloud().vault();
    AccessToken token = tokens.await(anew ? tokens.renewed(resource) : tokens.token(resource));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .header("Authorization", "Bearer " + token.reveal())
            .header("Accept", "application/json");
    return body.isEmpty()
        ? request.method(method, HttpRequest.BodyPublishers.noBody()).build()
        : request
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
  }

  /** Null where nothing came, and it may be tried again. */
  private @Nullable HttpResponse<String> sent(VaultId what, HttpRequest request, boolean again)
      throws VaultFailure {
    try {
      return http.send(request, PATIENCE);
    } catch (IOException _) {
      if (again && !Thread.currentThread().isInterrupted()) {
        return null;
      }
      throw new VaultFailure(
          Code.VAULT_UNAVAILABLE,
          what.vault() + " does not answer; check the vault's network rules and the way there.");
    }
  }

  private static void pause(Optional<String> retryAfter, int attempt) throws IOException {
    Duration asked =
        retryAfter
            .filter(seconds -> seconds.matches("[0-9]{1,5}"))
            .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
            .orElse(Duration.ofMillis(250L << attempt));
    try {
      Thread.sleep(asked.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : asked);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static VaultFailure refused(VaultId what, HttpResponse<String> answer) {
    String word = word(answer.body());
    return switch (answer.statusCode()) {
      case 401 ->
          new VaultFailure(
              Code.VAULT_UNAUTHENTICATED,
              what.vault()
                  + " does not take the token of Obolus itself"
                  + tenant(answer).map(" (the vault is of tenant %s)"::formatted).orElse("")
                  + "; check obolus.azure.tenant.");
      case 403 ->
          new VaultFailure(
              Code.VAULT_FORBIDDEN,
              what
                  + ": refused ("
                  + word
                  + "); give this identity the right, open the vault's network to it, or enable the"
                  + " version.");
      case 404 -> new VaultFailure(Code.VAULT_NOT_FOUND, what + " is not there (" + word + ").");
      case 429 ->
          new VaultFailure(
              Code.VAULT_THROTTLED, what.vault() + " wants fewer requests; try again later.");
      default ->
          answer.statusCode() >= 500
              ? new VaultFailure(
                  Code.VAULT_UNAVAILABLE, what.vault() + " is ill (" + answer.statusCode() + ").")
              : new VaultFailure(
                  Code.VAULT_MALFORMED,
                  what + ": answered " + answer.statusCode() + " (" + word + ").");
    };
  }

  /** The innermost machine-readable word of the refusal. */
  private static String word(String body) {
    String found = "no reason given";
    try {
      JsonNode error = JsonMapper.shared().readTree(body).path("error");
      while (error.isObject()) {
        String code = error.path("code").asString("");
        found = WORD.matcher(code).matches() ? code : found;
        error = error.path("innererror");
      }
    } catch (JacksonException _) {
      // somebody's page
    }
    return found;
  }

  private static Optional<String> tenant(HttpResponse<String> answer) {
    Matcher tenant = TENANT.matcher(answer.headers().firstValue("WWW-Authenticate").orElse(""));
    return tenant.find() ? Optional.of(tenant.group(1)) : Optional.empty();
  }

  private static JsonNode json(VaultId what, String body) throws VaultFailure {
    try {
      return JsonMapper.shared().readTree(body);
    } catch (JacksonException _) {
      throw malformed(what);
    }
  }

  private static VaultFailure malformed(VaultId what) {
    return new VaultFailure(Code.VAULT_MALFORMED, what + ": the answer is not a vault's.");
  }
}
