// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import static dev.obolus.connector.obo.OboExchangeContract.ask;
import static dev.obolus.connector.obo.ScriptedEntra.issued;
import static dev.obolus.connector.obo.ScriptedEntra.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.SignedJWT;
import dev.obolus.connector.ConnectorFailure.ExchangeUnavailable;
import dev.obolus.connector.obo.OboExchange.Exchanged.Issued;
import dev.obolus.connector.obo.OboExchange.Exchanged.Refused;
import dev.obolus.connector.obo.ScriptedEntra.Answer;
import dev.obolus.connector.obo.ScriptedEntra.Received;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.health.contributor.Status;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

final class CredentialsTest {
  @TempDir Path folder;
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private final Wiring wiring = new Wiring(now::get);
  private final ScriptedEntra entra = new ScriptedEntra();

  @AfterEach
  void stop() {
    entra.close();
  }

  @Test
  void aCertificateProvesItselfByAnAssertionSignedWithPs256() throws Exception {
    TestCertificate certificate = TestCertificate.in(folder.resolve("gateway.pem"));
    var credential =
        new CertificateCredential("gateway", certificate.file(), false, InstantSource.system());

    assertThat(ask(exchange(credential), "good")).isInstanceOf(Issued.class);

    Received got = entra.received.getFirst();
    assertThat(got.form()).containsEntry("client_assertion_type", ClientCredential.ASSERTION_TYPE);
    var jwt = SignedJWT.parse(got.form().get("client_assertion"));
    assertThat(jwt.verify(new RSASSAVerifier((RSAPublicKey) certificate.keys().getPublic())))
        .isTrue();
    assertThat(jwt.getHeader().getAlgorithm().getName()).isEqualTo("PS256");
    assertThat(jwt.getHeader().getX509CertSHA256Thumbprint().decode())
        .isEqualTo(
            MessageDigest.getInstance("SHA-256").digest(certificate.certificate().getEncoded()));
    assertThat(jwt.getHeader().getX509CertChain()).isNull();
    assertThat(jwt.getJWTClaimsSet().getAudience())
        .containsExactly(
            entra.authority() + "/" + OboExchangeContract.TENANT + "/oauth2/v2.0/token");
    assertThat(jwt.getJWTClaimsSet().getIssuer()).isEqualTo("gateway");
    assertThat(jwt.getJWTClaimsSet().getSubject()).isEqualTo("gateway");
    assertThat(jwt.getJWTClaimsSet().getJWTID()).isNotEmpty();
    assertThat(jwt.getJWTClaimsSet().getExpirationTime())
        .isBefore(java.util.Date.from(Instant.now().plus(Duration.ofMinutes(6))));
  }

  @Test
  void aCertificateIsSentAlongWhereThatIsAskedFor() throws Exception {
    TestCertificate certificate = TestCertificate.in(folder.resolve("gateway.pem"));
    var credential =
        new CertificateCredential("gateway", certificate.file(), true, InstantSource.system());

    assertThat(ask(exchange(credential), "good")).isInstanceOf(Issued.class);

    var jwt = SignedJWT.parse(entra.received.getFirst().form().get("client_assertion"));
    assertThat(jwt.getHeader().getX509CertChain()).hasSize(1);
    assertThat(jwt.getHeader().getX509CertChain().getFirst().decode())
        .isEqualTo(certificate.certificate().getEncoded());
  }

  @Test
  void aProjectedTokenIsReadAgainEachMinuteAndWhereItIsRefused() throws IOException {
    Path file = folder.resolve("projected");
    Files.writeString(file, "first\n");
    OboExchange exchange =
        exchange(new FederatedCredential(new WorkloadIdentityFile(file, now::get)));

    assertThat(ask(exchange, "good")).isInstanceOf(Issued.class);
    Files.writeString(file, "second\n");
    assertThat(ask(exchange, "good")).isInstanceOf(Issued.class);
    now.set(now.get().plusSeconds(61));
    assertThat(ask(exchange, "good")).isInstanceOf(Issued.class);
    Files.writeString(file, "third\n");
    entra.script =
        got ->
            Mono.just(
                "third".equals(got.form().get("client_assertion"))
                    ? issued("t")
                    : refused(401, "invalid_client", 700211, ""));
    assertThat(ask(exchange, "good")).isInstanceOf(Issued.class);

    assertThat(entra.received.stream().map(got -> got.form().get("client_assertion")))
        .containsExactly("first", "first", "second", "second", "third");
  }

  @Test
  void aManagedIdentitysTokenProvesTheGatewayAndIsKept() {
    for (String identity : List.of("system", "0b010500-0000-4000-8000-0000000000ff")) {
      entra.received.clear();
      entra.script =
          got -> Mono.just(got.path().startsWith("/msi") ? identityToken() : issued("t"));
      OboExchange exchange =
          exchange(
              managed(
                  identity,
                  Map.of(
                      "IDENTITY_ENDPOINT",
                      entra.authority() + "/msi/token",
                      "IDENTITY_HEADER",
                      "header-1")));

      assertThat(ask(exchange, "good")).isInstanceOf(Issued.class);
      assertThat(ask(exchange, "good")).isInstanceOf(Issued.class);

      assertThat(entra.received).hasSize(3);
      assertThat(entra.received.getFirst().path())
          .isEqualTo(
              "/msi/token?api-version=2019-08-01&resource=api://AzureADTokenExchange"
                  + (identity.equals("system") ? "" : "&client_id=" + identity));
      assertThat(entra.received.getFirst().headers())
          .containsEntry("x-identity-header", "header-1");
      assertThat(entra.received.get(1).form()).containsEntry("client_assertion", "identity-token");
    }
  }

  @Test
  void aVirtualMachineAsksItsInstanceMetadata() {
    entra.script =
        got -> Mono.just(got.path().startsWith("/metadata") ? identityToken() : issued("t"));
    var host = Map.of("AZURE_POD_IDENTITY_AUTHORITY_HOST", entra.authority().toString());

    assertThat(ask(exchange(managed("system", host)), "good")).isInstanceOf(Issued.class);

    assertThat(entra.received.getFirst().path())
        .isEqualTo(
            "/metadata/identity/oauth2/token?api-version=2018-02-01"
                + "&resource=api://AzureADTokenExchange");
    assertThat(entra.received.getFirst().headers()).containsEntry("metadata", "true");
  }

  @Test
  void withoutAManagedIdentityNothingIsSentToEntra() {
    entra.script = _ -> Mono.just(new Answer(400, Map.of(), "{}"));
    var host = Map.of("AZURE_POD_IDENTITY_AUTHORITY_HOST", entra.authority().toString());

    var refused = (Refused) ask(exchange(managed("system", host)), "good");

    assertThat(refused.failure())
        .isEqualTo(new ExchangeUnavailable("credential", Optional.empty()));
    assertThat(entra.received).allSatisfy(got -> assertThat(got.path()).startsWith("/metadata"));
  }

  @Test
  void whereOneOfTwoIsRefusedTheOtherTakesItsPlaceAndAnAlertIsRaised() throws IOException {
    Credentials both = wiring.credentials(secret("old"), secret("new"));
    OboExchange exchange = exchange(both);
    takes("new");

    assertThat(ask(exchange, "good")).isInstanceOf(Issued.class);
    assertThat(ask(exchange, "good")).isInstanceOf(Issued.class);

    assertThat(presented()).containsExactly("old", "new", "new");
    assertThat(wiring.alerts(Alerts.Kind.CREDENTIAL_FAILED_OVER)).isEqualTo(1);
    assertThat(both.state()).isEqualTo("standby");
    assertThat(new CredentialHealth(both).health().getStatus()).isEqualTo(Status.UP);
    assertThat(new CredentialHealth(both).health().getDetails())
        .containsEntry("credential", "standby");

    takes("old");
    assertThat(ask(exchange, "good")).isInstanceOf(Issued.class);
    assertThat(both.state()).as("and back").isEqualTo("primary");
  }

  @Test
  void whereNeitherIsTakenThatIsSaidOnceAndEntraIsLeftAloneForFiveSeconds() throws IOException {
    Credentials both = wiring.credentials(secret("old"), secret("new"));
    OboExchange exchange = exchange(both);
    takes("none");

    assertThat(((Refused) ask(exchange, "good")).failure())
        .isEqualTo(new ExchangeUnavailable("aadsts7000222", Optional.empty()));
    for (int i = 0; i < 20; i++) {
      assertThat(((Refused) ask(exchange, "good")).failure())
          .isEqualTo(new ExchangeUnavailable("paused", Optional.of(Duration.ofSeconds(5))));
    }
    assertThat(presented()).containsExactly("old", "new");
    now.set(now.get().plusSeconds(6));
    assertThat(((Refused) ask(exchange, "good")).failure())
        .isEqualTo(new ExchangeUnavailable("aadsts7000222", Optional.empty()));

    assertThat(wiring.alerts(Alerts.Kind.CREDENTIAL_REFUSED)).isEqualTo(1);
    assertThat(both.state()).isEqualTo("none");
    assertThat(new CredentialHealth(both).health().getStatus()).isEqualTo(Status.DOWN);
    takes("new");
    now.set(now.get().plusSeconds(6));
    assertThat(ask(exchange, "good")).isInstanceOf(Issued.class);
    assertThat(both.state()).isEqualTo("standby");
  }

  @Test
  void aStandbyThatNobodyAnsweredForDoesNotTakeOver() throws IOException {
    Credentials both = wiring.credentials(secret("old"), secret("new"));
    OboExchange exchange = exchange(both);
    entra.script =
        got ->
            Mono.just(
                got.form().containsValue("old")
                    ? refused(401, "invalid_client", 7000222, "")
                    : new Answer(503, Map.of(), ""));

    assertThat(((Refused) ask(exchange, "good")).failure())
        .isEqualTo(new ExchangeUnavailable("http503", Optional.empty()));
    assertThat(both.state()).isEqualTo("primary");
    assertThat(wiring.alerts(Alerts.Kind.CREDENTIAL_FAILED_OVER)).isZero();

    entra.script =
        got ->
            Mono.just(
                got.form().containsValue("old")
                    ? refused(401, "invalid_client", 7000222, "")
                    : refused(400, "invalid_grant", 50105, ""));
    assertThat(ask(exchange, "good")).isInstanceOf(Refused.class);
    assertThat(both.state()).as("it was taken, the person refused").isEqualTo("standby");
  }

  @Test
  void anEndpointThatIsAwayDoesNotMakeARefusedCredentialGood() throws IOException {
    Credentials one = wiring.credentials(secret("old"));
    OboExchange exchange = exchange(one);
    takes("none");
    assertThat(ask(exchange, "good")).isInstanceOf(Refused.class);
    assertThat(one.state()).isEqualTo("none");

    entra.script = _ -> Mono.just(new Answer(503, Map.of(), ""));
    now.set(now.get().plusSeconds(6));
    assertThat(ask(exchange, "good")).isInstanceOf(Refused.class);

    assertThat(one.state()).isEqualTo("none");
  }

  @Test
  void aManagedIdentitysTokenThatIsRefusedIsReplacedOnceAMinute() {
    entra.script =
        got -> {
          now.set(now.get().plusSeconds(1));
          return Mono.just(
              got.path().startsWith("/metadata")
                  ? identityToken()
                  : refused(401, "invalid_client", 700211, ""));
        };
    var host = Map.of("AZURE_POD_IDENTITY_AUTHORITY_HOST", entra.authority().toString());
    OboExchange exchange = exchange(managed("system", host));

    for (int i = 0; i < 7; i++) {
      assertThat(ask(exchange, "good")).isInstanceOf(Refused.class);
      now.set(now.get().plusSeconds(6));
    }
    assertThat(metadataAsked()).as("at first, and once in the minute").isEqualTo(2);
    now.set(now.get().plusSeconds(60));
    assertThat(ask(exchange, "good")).isInstanceOf(Refused.class);
    now.set(now.get().plusSeconds(6));
    assertThat(ask(exchange, "good")).isInstanceOf(Refused.class);
    assertThat(metadataAsked()).isEqualTo(3);
  }

  private long metadataAsked() {
    return entra.received.stream().filter(got -> got.path().startsWith("/metadata")).count();
  }

  @Test
  void aCredentialThatCannotBeMadeIsNoReasonToStop() throws IOException {
    entra.script = got -> Mono.just(got.path().startsWith("/metadata") ? notHere() : issued("t"));
    var host = Map.of("AZURE_POD_IDENTITY_AUTHORITY_HOST", entra.authority().toString());

    assertThat(ask(exchange(managed("system", host), secret("s")), "good"))
        .isInstanceOf(Issued.class);
    assertThat(wiring.alerts(Alerts.Kind.CREDENTIAL_FAILED_OVER)).isEqualTo(1);
  }

  @Test
  void noCredentialShowsWhatProvesIt() throws IOException {
    TestCertificate certificate = TestCertificate.in(folder.resolve("gateway.pem"));
    Path projected = folder.resolve("projected");
    Files.writeString(projected, "canary-projected");
    List<ClientCredential> all =
        List.of(
            secret("canary-secret"),
            new CertificateCredential("gateway", certificate.file(), true, InstantSource.system()),
            new FederatedCredential(new WorkloadIdentityFile(projected, InstantSource.system())),
            managed("system", Map.of("IDENTITY_HEADER", "canary-header")));

    assertThat(all.toString()).doesNotContain("canary-").doesNotContain("PRIVATE");
  }

  private void takes(String secret) {
    entra.received.clear();
    entra.script =
        got ->
            Mono.just(
                got.form().containsValue(secret)
                    ? issued("t")
                    : refused(401, "invalid_client", 7000222, ""));
  }

  private List<String> presented() {
    return entra.received.stream().map(got -> got.form().get("client_secret")).toList();
  }

  private static Answer identityToken() {
    return new Answer(
        200,
        Map.of(),
        "{\"access_token\":\"identity-token\",\"expires_on\":\"%d\",\"token_type\":\"Bearer\"}"
            .formatted(Instant.now().plusSeconds(3600).getEpochSecond()));
  }

  private static Answer notHere() {
    return new Answer(404, Map.of(), "");
  }

  private ClientCredential managed(String identity, Map<String, String> environment) {
    return new FederatedCredential(
        new ManagedIdentity(
            WebClient.create(),
            Optional.of(identity).filter(it -> !it.equals("system")),
            environment,
            Duration.ofSeconds(5),
            now::get));
  }

  private ClientCredential secret(String text) throws IOException {
    Path file = Files.createTempFile(folder, "gateway", ".secret");
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return new SecretCredential(file);
  }

  private OboExchange exchange(ClientCredential... all) {
    return exchange(wiring.credentials(all));
  }

  private OboExchange exchange(Credentials credentials) {
    return new EntraOboExchange(
        new EntraOboExchange.Settings(entra.authority(), "gateway", false),
        wiring.endpoint(credentials));
  }
}
