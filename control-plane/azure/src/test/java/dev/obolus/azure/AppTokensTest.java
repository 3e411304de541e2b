// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.obolus.azure.AppTokenFailure.Code;
import dev.obolus.sandbox.Sandbox;
import dev.obolus.sandbox.SandboxDatabase;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

class AppTokensTest {
  private static final String VAULT = "https://vault.azure.net";
  private static final String MONITOR = "https://monitor.azure.com";

  @TempDir static Path data;
  @TempDir Path folder;
  private static Sandbox sandbox;
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final InstantSource clock = now::get;
  private final Http http = new Http();

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
    sandbox.journal().clear();
  }

  @AfterEach
  void close() {
    http.close();
  }

  @Test
  void aSecretGetsTheGatewaysOwnToken() throws Exception {
    JWTClaimsSet claims = claims(secret(file("s", gatewaySecret())), VAULT);
    assertThat(claims.getAudience()).containsExactly(VAULT);
    assertThat(claims.getStringClaim("idtyp")).isEqualTo("app");
    assertThat(claims.getStringClaim("appid")).isEqualTo(Directory.GATEWAY);
    assertThat(claims.getClaim("scp")).isNull();
  }

  @Test
  void aCertificateDoes() throws Exception {
    assertThat(claims(certificate(data.resolve("gateway-client.pem")), MONITOR).getAudience())
        .containsExactly(MONITOR);
    assertThat(calls()).containsExactly("certificate");
  }

  /** As AKS workload identity projects it; it is read for each request. */
  @Test
  void aProjectedTokenDoes() throws Exception {
    Path projected = folder.resolve("projected.token");
    Files.writeString(projected, "not one yet");
    try (AppTokens tokens = tokens(federated(projected))) {
      assertThat(failure(tokens, VAULT).code()).isEqualTo(Code.OWN_CREDENTIAL_REFUSED);
      Files.writeString(
          projected,
          sandbox
              .entra()
              .tokens()
              .forApp(
                  Directory.app("gateway-identity").orElseThrow(),
                  Directory.app("token-exchange").orElseThrow()));
      assertThat(tokens.await(tokens.token(VAULT)).reveal()).isNotEmpty();
    }
    assertThat(calls()).endsWith("federated");
  }

  @Test
  void aTokenIsKeptAndOneThatWasNotTakenIsReplaced() throws Exception {
    try (AppTokens tokens = tokens(secret(file("s", gatewaySecret())))) {
      String first = tokens.await(tokens.token(VAULT)).reveal();
      assertThat(tokens.await(tokens.token(VAULT)).reveal()).isEqualTo(first);
      assertThat(calls()).hasSize(1);
      assertThat(tokens.await(tokens.token(MONITOR)).reveal()).isNotEqualTo(first);
      String renewed = tokens.await(tokens.renewed(VAULT)).reveal();
      assertThat(renewed).isNotEqualTo(first);
      assertThat(tokens.await(tokens.token(VAULT)).reveal()).isEqualTo(renewed);
      assertThat(calls()).hasSize(3);
    }
  }

  @Test
  void whoeverComesMeanwhileFindsTheFirstOnesToken() {
    try (AppTokens tokens = tokens(secret(file("s", gatewaySecret())))) {
      List<String> got =
          Flux.fromStream(IntStream.range(0, 20).boxed())
              .flatMap(_ -> tokens.token(VAULT), 20)
              .map(AccessToken::reveal)
              .collectList()
              .blockOptional(Duration.ofSeconds(20))
              .orElseThrow();
      assertThat(got).hasSize(20);
      assertThat(got.stream().distinct()).hasSize(1);
      assertThat(calls()).hasSize(1);
    }
  }

  @Test
  void moreThanMayWaitAreRefusedAtOnce() {
    var _ = sandbox.entra().rules().add(Map.of("call", "client", "then", "hang", "seconds", "20"));
    try (AppTokens tokens = tokens(secret(file("s", gatewaySecret())))) {
      List<String> failures =
          Flux.fromStream(IntStream.range(0, 60).boxed())
              .flatMap(
                  _ ->
                      tokens
                          .token(VAULT)
                          .map(_ -> "token")
                          .onErrorResume(
                              AppTokenFailure.class,
                              failure -> Mono.just(String.valueOf(failure.getMessage()))),
                  60)
              .collectList()
              .blockOptional(Duration.ofSeconds(30))
              .orElseThrow();
      assertThat(failures).filteredOn(it -> it.contains("too many wait")).hasSize(27);
      assertThat(failures).allMatch(it -> it.startsWith("own_identity_unavailable: "));
    }
  }

  @Test
  void aWrongSecretIsAFailureThatSaysSo() {
    try (AppTokens tokens = tokens(secret(file("s", "wrong")))) {
      AppTokenFailure failure = failure(tokens, VAULT);
      assertThat(failure.code().word()).isEqualTo("own_credential_refused");
      assertThat(failure.aadsts()).isEqualTo(7000215);
      assertThat(failure)
          .hasMessageContaining("AADSTS7000215")
          .hasMessageContaining("obolus.azure");
      // Entra's own sentence stays where it is
      assertThat(failure).message().doesNotContain("Invalid client secret");
    }
  }

  /** Replaced in place: no restart. */
  @Test
  void aReplacedSecretIsReadWhenTheOldOneIsRefused() throws Exception {
    Path file = file("s", gatewaySecret());
    try (AppTokens tokens = tokens(secret(file))) {
      assertThat(tokens.await(tokens.token(VAULT)).reveal()).isNotEmpty();
      Path _ = Files.writeString(file, "wrong");
      assertThat(tokens.await(tokens.renewed(VAULT)).reveal()).as("not read yet").isNotEmpty();
      refuseOnce();
      assertThat(failure(tokens, MONITOR).aadsts()).as("what is in the file").isEqualTo(7000215);
      Path _ = Files.writeString(file, gatewaySecret());
      assertThat(tokens.await(tokens.token(VAULT)).reveal()).isNotEmpty();
    }
  }

  @Test
  void aCredentialThatOthersMayReadIsNotUsed() throws Exception {
    Path file = file("s", gatewaySecret());
    var _ = Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    try (AppTokens tokens = tokens(secret(file))) {
      AppTokenFailure failure = failure(tokens, VAULT);
      assertThat(failure.code()).isEqualTo(Code.OWN_CREDENTIAL_REFUSED);
      assertThat(failure).hasMessageContaining("chmod 600");
    }
    assertThat(calls()).isEmpty();
  }

  @Test
  void aTenantThatIsNotThereIsAMisconfiguration() {
    AzureSettings elsewhere =
        new AzureSettings(
            URI.create(sandbox.url()),
            Directory.FOREIGN,
            Directory.GATEWAY,
            file("s", gatewaySecret()),
            null,
            null,
            null,
            false,
            null);
    try (AppTokens tokens = tokens(elsewhere)) {
      assertThat(failure(tokens, VAULT).code()).isEqualTo(Code.OWN_IDENTITY_MISCONFIGURED);
    }
  }

  @Test
  void whileEntraSaysLaterNobodyAsks() throws Exception {
    var _ =
        sandbox
            .entra()
            .rules()
            .add(Map.of("call", "client", "then", "throttle", "seconds", "30", "times", "1"));
    try (AppTokens tokens = tokens(secret(file("s", gatewaySecret())))) {
      assertThat(failure(tokens, VAULT).code()).isEqualTo(Code.OWN_IDENTITY_UNAVAILABLE);
      now.set(Instant.EPOCH.plusSeconds(29));
      assertThat(failure(tokens, VAULT).code()).isEqualTo(Code.OWN_IDENTITY_UNAVAILABLE);
      assertThat(calls()).hasSize(1);
      now.set(Instant.EPOCH.plusSeconds(31));
      assertThat(tokens.await(tokens.token(VAULT)).reveal()).isNotEmpty();
    }
  }

  @Test
  void silencePagesAndOutagesAreUnavailable() {
    for (Map<String, String> how :
        List.of(
            Map.of("call", "client", "then", "hang", "seconds", "20", "times", "1"),
            Map.of("call", "client", "then", "drip", "seconds", "20", "times", "1"),
            Map.of("call", "client", "then", "html", "times", "1"),
            Map.of("call", "client", "then", "unavailable", "times", "1"))) {
      var _ = sandbox.entra().rules().add(how);
      try (AppTokens tokens = tokens(secret(file("s", gatewaySecret())))) {
        assertThat(failure(tokens, VAULT).code())
            .as(how.get("then"))
            .isEqualTo(Code.OWN_IDENTITY_UNAVAILABLE);
      }
    }
  }

  @Test
  void anEventLoopDoesNotWait() {
    try (AppTokens tokens = tokens(secret(file("s", gatewaySecret())))) {
      Mono<Object> waiting =
          Mono.fromCallable(() -> (Object) tokens.await(tokens.token(VAULT)))
              .subscribeOn(Schedulers.parallel());
      assertThatThrownBy(() -> waiting.blockOptional(Duration.ofSeconds(20)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("event loop");
    }
  }

  /** Whatever level somebody gives msal4j's loggers. */
  @Test
  void noTokenOrSecretIsShownOrLogged() throws Exception {
    Logger all = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    Level before = all.getLevel();
    ListAppender<ILoggingEvent> seen = new ListAppender<>();
    seen.start();
    all.addAppender(seen);
    all.setLevel(Level.TRACE);
    try (AppTokens tokens = tokens(secret(file("s", gatewaySecret())))) {
      AccessToken token = tokens.await(tokens.token(VAULT));
      String renewed = tokens.await(tokens.renewed(VAULT)).reveal();
      assertThat(token.toString()).doesNotContain(token.reveal().substring(0, 20));
      assertThat(seen.list).filteredOn(it -> it.getLoggerName().contains("msal4j")).isNotEmpty();
      assertThat(seen.list)
          .extracting(ILoggingEvent::getFormattedMessage)
          .noneMatch(line -> line.contains(token.reveal()) || line.contains(renewed))
          .noneMatch(line -> line.contains(gatewaySecret()));
    } finally {
      all.setLevel(before);
      boolean _ = all.detachAppender(seen);
    }
  }

  @Test
  void oneCredentialIsNamedAndNotTwo() {
    Path secret = file("s", gatewaySecret());
    assertThatThrownBy(() -> tokens(settings(null, null, null, null)))
        .hasMessageContaining("give one of");
    assertThatThrownBy(() -> tokens(settings(secret, null, null, "system")))
        .hasMessageContaining("give one of");
    assertThatThrownBy(() ->
            tokens(
                new AzureSettings(
                    null, null, Directory.GATEWAY, secret, null, null, null, false, null)))
        .hasMessageContaining("obolus.azure.tenant");
  }

  private static void refuseOnce() {
    var _ =
        sandbox
            .entra()
            .rules()
            .add(
                Map.of(
                    "call",
                    "client",
                    "then",
                    "refuse",
                    "aadsts",
                    "7000222",
                    "error",
                    "invalid_client",
                    "times",
                    "1"));
  }

  private AppTokens tokens(AzureSettings settings) {
    return new AppTokens(settings, http, clock);
  }

  private JWTClaimsSet claims(AzureSettings settings, String resource) throws Exception {
    try (AppTokens tokens = tokens(settings)) {
      return SignedJWT.parse(tokens.await(tokens.token(resource)).reveal()).getJWTClaimsSet();
    }
  }

  private static AppTokenFailure failure(AppTokens tokens, String resource) {
    try {
      AccessToken _ = tokens.await(tokens.token(resource));
      throw new AssertionError("there was a token");
    } catch (AppTokenFailure failure) {
      return failure;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> calls() {
    return sandbox.journal().entries().stream()
        .filter(entry -> entry.call().equals("client"))
        .map(entry -> entry.more().getOrDefault("credential", "-"))
        .toList();
  }

  private static AzureSettings secret(Path file) {
    return settings(file, null, null, null);
  }

  private static AzureSettings certificate(Path file) {
    return settings(null, file, null, null);
  }

  private static AzureSettings federated(Path file) {
    return settings(null, null, file, null);
  }

  private static AzureSettings settings(
      @org.jspecify.annotations.Nullable Path secret,
      @org.jspecify.annotations.Nullable Path certificate,
      @org.jspecify.annotations.Nullable Path federated,
      @org.jspecify.annotations.Nullable String managed) {
    return new AzureSettings(
        URI.create(sandbox.url()),
        Directory.TENANT,
        Directory.GATEWAY,
        secret,
        certificate,
        federated,
        managed,
        false,
        Duration.ofSeconds(1));
  }

  private static String gatewaySecret() {
    try {
      return Files.readString(data.resolve("gateway-client.secret"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Path file(String name, String content) {
    try {
      Path file = folder.resolve(name);
      Files.deleteIfExists(file);
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      return Files.writeString(file, content);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
