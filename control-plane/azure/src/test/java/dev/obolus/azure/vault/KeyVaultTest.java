// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.azure.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.personal.KeyEncryption;
import dev.obolus.audit.personal.KeyEncryption.Wrapped;
import dev.obolus.azure.AppTokens;
import dev.obolus.azure.AzureSettings;
import dev.obolus.azure.Cloud;
import dev.obolus.azure.Http;
import dev.obolus.azure.vault.VaultFailure.Code;
import dev.obolus.azure.vault.VaultId.Kind;
import dev.obolus.sandbox.Sandbox;
import dev.obolus.sandbox.SandboxDatabase;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Over the wire, with tokens that the stand-in Entra issued and the stand-in vault checks. */
class KeyVaultTest {
  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir static Path data;
  private static Sandbox sandbox;
  private final Http http = new Http();
  private AppTokens tokens = tokens("gateway-client");
  private KeyVault vault = new KeyVault(tokens, http);

  @BeforeAll
  static void start() throws Exception {
    sandbox = SandboxDatabase.start(TestPostgres.own(), data);
  }

  @AfterAll
  static void stop() throws Exception {
    sandbox.close();
  }

  @BeforeEach
  void fresh() {
    sandbox.entra().reset();
    sandbox.vault().throttle(0, 0);
    sandbox.vault().fail(0);
    sandbox.vault().allow(Directory.GATEWAY, true);
    sandbox.journal().clear();
    tokens = tokens("gateway-client");
    vault = new KeyVault(tokens, http);
  }

  @AfterEach
  void close() {
    tokens.close();
    http.close();
  }

  @Test
  void aSecretIsReadInTheVersionThatIsNamed() throws Exception {
    String older = sandbox.vault().vault().putSecret("root", "first");
    String newer = sandbox.vault().vault().putSecret("root", "second");
    assertThat(vault.secret(secret("root/" + older))).isEqualTo("first");
    assertThat(vault.secret(secret("root/" + newer))).isEqualTo("second");
    assertThat(vault.secret(secret("root"))).isEqualTo("second");
    sandbox.vault().vault().enable("secrets", "root", older, false);
    assertThat(failure(() -> vault.secret(secret("root/" + older))))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(Code.VAULT_FORBIDDEN))
        .hasMessageContaining("SecretDisabled");
  }

  @Test
  void whatIsNotThereIsSaidByName() {
    assertThat(failure(() -> vault.secret(secret("nothing"))))
        .hasMessageStartingWith("vault_not_found: ")
        .hasMessageContaining("/secrets/nothing");
  }

  @Test
  void withoutTheRightNothingIsRead() {
    String _ = sandbox.vault().vault().putSecret("mine", "value");
    sandbox.vault().allow(Directory.GATEWAY, false);
    assertThat(failure(() -> vault.secret(secret("mine"))))
        .hasMessageStartingWith("vault_forbidden: ")
        .hasMessageContaining("ForbiddenByRbac")
        .message()
        .doesNotContain("value");
  }

  @Test
  void aTokenThatIsNotTakenIsReplacedOnceAndThenSaidSo() {
    String _ = sandbox.vault().vault().putSecret("mine", "value");
    // signed by a key that the stand-in no longer knows
    assertThat(value("mine")).isEqualTo("value");
    sandbox.entra().keys().rotate(false);
    assertThat(value("mine")).as("with another token").isEqualTo("value");
    try (AppTokens elsewhere = tokens("nightly-job")) {
      var strangers = new KeyVault(elsewhere, http);
      assertThat(failure(() -> strangers.secret(secret("mine"))).code())
          .isEqualTo(Code.VAULT_FORBIDDEN);
    }
  }

  @Test
  void aThrottledOrIllVaultIsAskedAgainAFewTimes() {
    String _ = sandbox.vault().vault().putSecret("mine", "value");
    sandbox.vault().throttle(2, 0);
    assertThat(value("mine")).isEqualTo("value");
    sandbox.vault().fail(1);
    assertThat(value("mine")).isEqualTo("value");
    sandbox.vault().throttle(9, 0);
    assertThat(failure(() -> vault.secret(secret("mine"))).code()).isEqualTo(Code.VAULT_THROTTLED);
    sandbox.vault().throttle(0, 0);
    sandbox.vault().fail(9);
    assertThat(failure(() -> vault.secret(secret("mine"))).code())
        .isEqualTo(Code.VAULT_UNAVAILABLE);
  }

  @Test
  void aRotationIsNotRepeated() {
    String _ = sandbox.vault().vault().putKey("once");
    sandbox.vault().fail(1);
    assertThat(failure(() -> vault.rotate(key("once"))).code()).isEqualTo(Code.VAULT_UNAVAILABLE);
  }

  @Test
  void aVaultThatIsNotThereIsUnavailable() throws Exception {
    int port;
    try (var free = new java.net.ServerSocket(0)) {
      port = free.getLocalPort();
    }
    VaultId nowhere = new VaultId(URI.create("http://127.0.0.1:" + port), Kind.SECRET, "x", "");
    assertThat(failure(() -> vault.secret(nowhere))).hasMessageStartingWith("vault_unavailable: ");
  }

  /** Or a vault could collect tokens for somebody else. */
  @Test
  void noAnswerLeadsTheTokenElsewhere() throws Exception {
    HttpServer thief =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    var stolen = new java.util.concurrent.atomic.AtomicInteger();
    thief.createContext(
        "/",
        exchange -> {
          int _ = stolen.incrementAndGet();
          exchange.close();
        });
    String there = "http://127.0.0.1:" + thief.getAddress().getPort();
    HttpServer bad =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    bad.createContext(
        "/keys/",
        exchange -> {
          try (exchange) {
            byte[] page =
                "{\"value\":[],\"nextLink\":\"%s/keys/k/versions\"}"
                    .formatted(there)
                    .getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
          }
        });
    bad.createContext(
        "/secrets/",
        exchange -> {
          try (exchange) {
            exchange.getResponseHeaders().set("Location", there + "/secrets/k");
            exchange.sendResponseHeaders(307, -1);
          }
        });
    thief.start();
    bad.start();
    try {
      URI base = URI.create("http://127.0.0.1:" + bad.getAddress().getPort());
      assertThat(failure(() -> vault.enabled(new VaultId(base, Kind.KEY, "k", ""))).code())
          .isEqualTo(Code.VAULT_MALFORMED);
      assertThat(failure(() -> vault.secret(new VaultId(base, Kind.SECRET, "k", ""))).code())
          .isEqualTo(Code.VAULT_MALFORMED);
      assertThat(stolen).hasValue(0);
    } finally {
      thief.stop(0);
      bad.stop(0);
    }
  }

  @Test
  void anIdentifierOfAnotherHostKindOrShapeIsRefused() {
    Cloud publicCloud =
        new AzureSettings(null, null, null, null, null, null, null, false, null).cloud();
    assertThat(VaultId.parse("https://ours.vault.azure.net/secrets/root", Kind.SECRET, publicCloud))
        .hasToString("https://ours.vault.azure.net/secrets/root");
    for (String odd :
        List.of(
            "https://ours.vault.azure.net/keys/root",
            "https://ours.vault.azure.net/secrets/root/latest",
            "https://ours.vault.azure.net/secrets/../keys",
            "https://ours.vault.azure.net/secrets/root?x=y",
            "https://ours.vault.azure.net.example.com/secrets/root",
            "http://127.0.0.1:8082/secrets/root",
            "not an address")) {
      assertThatThrownBy(() -> VaultId.parse(odd, Kind.SECRET, publicCloud))
          .as(odd)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void anEventLoopDoesNotWaitForAVault() {
    Mono<Object> waiting =
        Mono.fromCallable(() -> (Object) vault.secret(secret("mine")))
            .subscribeOn(Schedulers.parallel());
    assertThatThrownBy(() -> waiting.blockOptional(Duration.ofSeconds(20)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("event loop");
    assertThat(calls()).isEmpty();
  }

  @Test
  void whatIsWrappedIsUnwrappedWithItsContextOnly() throws Exception {
    String version = sandbox.vault().vault().putKey("kek");
    VaultKeyEncryption kek = kek("kek");
    byte[] secret = secret32();
    Wrapped wrapped = kek.wrap(secret, new byte[] {1});
    assertThat(wrapped.version()).isEqualTo("kek/" + version).isEqualTo(kek.version());
    assertThat(wrapped.bytes().hex()).doesNotContain(HexFormat.of().formatHex(secret));
    assertThat(kek.unwrap(wrapped, new byte[] {1})).isEqualTo(secret);
    assertThat(kek("kek").unwrap(wrapped, new byte[] {1}))
        .as("in another process")
        .isEqualTo(secret);
    assertThatThrownBy(() -> kek.unwrap(wrapped, new byte[] {2})).hasMessageContaining("changed");
    byte[] bytes = wrapped.bytes().toArray();
    for (int at : new int[] {0, 1, 5, bytes.length - 1}) {
      byte[] flipped = bytes.clone();
      flipped[at] ^= 1;
      assertThatThrownBy(
              () -> kek.unwrap(new Wrapped(wrapped.version(), Bytes.of(flipped)), new byte[] {1}))
          .as("byte " + at)
          .isInstanceOf(KeyEncryption.Unreadable.class);
    }
    assertThatThrownBy(
            () -> kek.unwrap(new Wrapped(wrapped.version(), Bytes.of(new byte[4])), new byte[] {1}))
        .isInstanceOf(IOException.class);
  }

  /** Else ten thousand people would be ten thousand calls. */
  @Test
  void aProcessAsksTheVaultOnceAndNotForEachKey() throws Exception {
    String _ = sandbox.vault().vault().putKey("few");
    VaultKeyEncryption kek = kek("few");
    List<Wrapped> wrapped = new java.util.ArrayList<>();
    for (int i = 0; i < 20; i++) {
      wrapped.add(kek.wrapWith(kek.version(), secret32(), new byte[0]));
    }
    assertThat(calls().stream().filter(call -> call.endsWith("wrapkey"))).hasSize(1);
    sandbox.journal().clear();
    VaultKeyEncryption cold = kek("few");
    for (Wrapped one : wrapped) {
      byte[] _ = cold.unwrap(one, new byte[0]);
    }
    assertThat(calls()).hasSize(1).allMatch(call -> call.endsWith("unwrapkey"));
  }

  @Test
  void aDisabledVersionUnwrapsNoMore() throws Exception {
    String first = sandbox.vault().vault().putKey("turn");
    VaultKeyEncryption kek = kek("turn");
    byte[] secret = secret32();
    Wrapped old = kek.wrap(secret, new byte[0]);
    String second = kek.rotate();
    assertThat(second).isNotEqualTo(old.version()).isEqualTo(kek.version());
    assertThat(kek.unwrap(old, new byte[0])).as("before it is destroyed").isEqualTo(secret);
    Wrapped fresh = kek.wrap(secret, new byte[0]);
    assertThat(fresh.version()).isEqualTo(second);
    for (int i = 0; i < 3; i++) {
      String _ = kek.rotate(); // several pages of versions
    }
    kek.destroyAllBut(Set.of());
    for (VaultKeyEncryption any : List.of(kek, kek("turn"))) {
      assertThatThrownBy(() -> any.unwrap(old, new byte[0]))
          .isInstanceOf(KeyEncryption.Unreadable.class)
          .hasMessageContaining("KeyDisabled");
    }
    assertThat(kek.wrap(secret, new byte[0]).version()).isEqualTo(kek.version());
    // what an administrator of the vault can do, and docs/identity.md says so
    sandbox.vault().vault().enable("keys", "turn", first, true);
    assertThat(kek("turn").unwrap(old, new byte[0])).isEqualTo(secret);
  }

  @Test
  void anotherGatewaysRotationIsSeenAtTheNextWrapping() throws Exception {
    String _ = sandbox.vault().vault().putKey("shared");
    VaultKeyEncryption one = kek("shared");
    VaultKeyEncryption other = kek("shared");
    Wrapped _ = one.wrap(secret32(), new byte[0]);
    String newest = other.rotate();
    other.destroyAllBut(Set.of());
    byte[] secret = secret32();
    Wrapped wrapped = one.wrap(secret, new byte[0]);
    assertThat(wrapped.version()).isEqualTo(newest);
    assertThat(kek("shared").unwrap(wrapped, new byte[0])).as("by the vault").isEqualTo(secret);
  }

  /** Two gateways forget at once: the one must not disable what the other still wraps from. */
  @Test
  void aVersionThatIsInUseIsNotDisabled() throws Exception {
    String _ = sandbox.vault().vault().putKey("two");
    VaultKeyEncryption one = kek("two");
    byte[] secret = secret32();
    Wrapped oldest = one.wrap(secret, new byte[0]);
    String mine = one.rotate();
    Wrapped wrapped = one.wrapWith(mine, secret, new byte[0]);
    String _ = kek("two").rotate();
    one.destroyAllBut(Set.of(mine));
    assertThat(kek("two").unwrap(wrapped, new byte[0])).isEqualTo(secret);
    assertThatThrownBy(() -> kek("two").unwrap(oldest, new byte[0]))
        .hasMessageContaining("KeyDisabled");
  }

  @Test
  void aFormerKeyOfTheSameVaultStillUnwraps() throws Exception {
    String _ = sandbox.vault().vault().putKey("former");
    String _ = sandbox.vault().vault().putKey("newer");
    byte[] secret = secret32();
    Wrapped old = kek("former").wrap(secret, new byte[0]);
    assertThat(kek("newer").unwrap(old, new byte[0])).isEqualTo(secret);
    assertThatThrownBy(() -> kek("newer").unwrap(new Wrapped("0badc0de", old.bytes()), new byte[0]))
        .hasMessageContaining("0badc0de");
  }

  @Test
  void aKeyIsNamedWithoutAVersion() {
    String version = sandbox.vault().vault().putKey("fixed");
    assertThatThrownBy(() -> kek("fixed/" + version)).hasMessageContaining("without a version");
  }

  private String value(String name) {
    try {
      return vault.secret(secret(name));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private VaultKeyEncryption kek(String name) {
    return new VaultKeyEncryption(vault, key(name), RANDOM, InstantSource.system());
  }

  private static byte[] secret32() {
    byte[] secret = new byte[32];
    RANDOM.nextBytes(secret);
    return secret;
  }

  private interface Asked {
    Object now() throws IOException;
  }

  private static VaultFailure failure(Asked asked) {
    try {
      Object _ = asked.now();
      throw new AssertionError("it was answered");
    } catch (VaultFailure failure) {
      return failure;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> calls() {
    return sandbox.journal().entries().stream()
        .filter(entry -> entry.door().equals("vault"))
        .map(entry -> entry.call())
        .toList();
  }

  private VaultId secret(String path) {
    return VaultId.parse(sandbox.url() + "/secrets/" + path, Kind.SECRET, tokens.cloud());
  }

  private VaultId key(String path) {
    return VaultId.parse(sandbox.url() + "/keys/" + path, Kind.KEY, tokens.cloud());
  }

  private AppTokens tokens(String secret) {
    String client =
        Map.of("gateway-client", Directory.GATEWAY, "nightly-job", Directory.NIGHTLY_JOB)
            .getOrDefault(secret, "");
    return new AppTokens(
        new AzureSettings(
            URI.create(sandbox.url()),
            Directory.TENANT,
            client,
            data.resolve(secret + ".secret"),
            null,
            null,
            null,
            false,
            null),
        http,
        InstantSource.system());
  }
}
