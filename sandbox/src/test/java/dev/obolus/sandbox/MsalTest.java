// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.aad.msal4j.ClientCredentialFactory;
import com.microsoft.aad.msal4j.ClientCredentialParameters;
import com.microsoft.aad.msal4j.ConfidentialClientApplication;
import com.microsoft.aad.msal4j.DeviceCodeFlowParameters;
import com.microsoft.aad.msal4j.IAuthenticationResult;
import com.microsoft.aad.msal4j.IClientCredential;
import com.microsoft.aad.msal4j.MsalServiceException;
import com.microsoft.aad.msal4j.OnBehalfOfParameters;
import com.microsoft.aad.msal4j.PublicClientApplication;
import com.microsoft.aad.msal4j.UserAssertion;
import com.nimbusds.jwt.SignedJWT;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Microsoft's own client, over https and this installation's authority. */
class MsalTest {
  private static final Set<String> GATEWAY = Set.of("api://obolus/access_as_user");
  private static final Set<String> DATABRICKS = Set.of(Directory.DATABRICKS + "/.default");

  @TempDir static Path data;
  private static Sandbox sandbox;

  @BeforeAll
  static void start() throws Exception {
    sandbox = SandboxDatabase.start(TestPostgres.own(), data);
  }

  @AfterAll
  static void stop() throws Exception {
    sandbox.close();
  }

  @Test
  void aSecretExchangesAUsersToken() throws Exception {
    IAuthenticationResult result = exchange(secret("gateway-client"), user());
    var claims = SignedJWT.parse(result.accessToken()).getJWTClaimsSet();
    assertThat(claims.getAudience()).containsExactly(Directory.DATABRICKS);
    assertThat(claims.getStringClaim("oid")).isEqualTo("0b010500-0000-4000-8000-0000000000c1");
    assertThat(claims.getStringClaim("azp")).isEqualTo(Directory.GATEWAY);
  }

  @Test
  void theCertificateExchangesAUsersToken() throws Exception {
    assertThat(exchange(certificate(), user()).accessToken()).isNotEmpty();
  }

  @Test
  void anApplicationsTokenIsNotExchanged() {
    assertThatThrownBy(() -> exchange(certificate(), sandbox.appToken("nightly-job")))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(MsalServiceException.class)
        .hasMessageContaining("AADSTS7000114");
  }

  @Test
  void aClientGetsATokenOfItsOwn() throws Exception {
    IAuthenticationResult result =
        application(Directory.NIGHTLY_JOB, secret("nightly-job"))
            .acquireToken(
                ClientCredentialParameters.builder(Set.of("api://obolus/.default")).build())
            .get();
    assertThat(SignedJWT.parse(result.accessToken()).getJWTClaimsSet().getStringClaim("idtyp"))
        .isEqualTo("app");
  }

  /** A silent refresh is left out: msal4j forgets the authority's port and asks port 443. */
  @Test
  void aDeviceCodeSignsAPersonIn() throws Exception {
    IAuthenticationResult signedIn = deviceSignIn(commandLine(), "alice");
    assertThat(signedIn.account().username()).isEqualTo("alice@contoso.example");
    assertThat(exchange(secret("gateway-client"), signedIn.accessToken()).accessToken())
        .isNotEmpty();
  }

  @Test
  void aChallengeIsAnsweredByAStrongerSignIn() throws Exception {
    String rule =
        sandbox
            .entra()
            .rules()
            .add(Map.of("user", "bob", "resource", "databricks", "then", "mfa"))
            .id();
    PublicClientApplication cli = commandLine();
    String weak = deviceSignIn(cli, "bob").accessToken();
    assertThatThrownBy(() -> exchange(secret("gateway-client"), weak))
        .cause()
        .isInstanceOfSatisfying(
            MsalServiceException.class,
            refused -> {
              assertThat(refused.errorCode()).isEqualTo("interaction_required");
              assertThat(refused.claims()).contains(rule);
            });
    String claims =
        "{\"access_token\":{\"capolids\":{\"essential\":true,\"values\":[\"" + rule + "\"]}}}";
    String strong =
        sandbox
            .entra()
            .signedInToken(
                Directory.user("bob").orElseThrow(),
                Directory.app("cli").orElseThrow(),
                Directory.app("gateway").orElseThrow(),
                claims);
    assertThat(exchange(secret("gateway-client"), strong).accessToken()).isNotEmpty();
  }

  @Test
  void aMachinesOwnIdentityProvesTheGateway() throws Exception {
    URI ask =
        URI.create(
            sandbox.url()
                + "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=api%3A%2F%2FAzureADTokenExchange");
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest plain = HttpRequest.newBuilder(ask).build();
      assertThat(http.send(plain, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(400);
      HttpRequest asked = HttpRequest.newBuilder(ask).header("Metadata", "true").build();
      String got = http.send(asked, HttpResponse.BodyHandlers.ofString()).body();
      String token = JsonMapper.shared().readTree(got).path("access_token").asString();
      IClientCredential proof = ClientCredentialFactory.createFromClientAssertion(token);
      assertThat(exchange(proof, user()).accessToken()).isNotEmpty();
    }
  }

  private static PublicClientApplication commandLine() throws Exception {
    return PublicClientApplication.builder(Directory.CLI)
        .authority(sandbox.httpsUrl() + "/" + Directory.TENANT + "/")
        .validateAuthority(false)
        .instanceDiscovery(false)
        .sslSocketFactory(trusting())
        .connectTimeoutForDefaultHttpClient(10_000)
        .readTimeoutForDefaultHttpClient(10_000)
        .build();
  }

  /** The person answers on the page at once. */
  private static IAuthenticationResult deviceSignIn(PublicClientApplication cli, String user)
      throws Exception {
    return cli.acquireToken(
            DeviceCodeFlowParameters.builder(GATEWAY, code -> answer(code.userCode(), user))
                .build())
        .get();
  }

  private static void answer(String userCode, String user) {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(sandbox.url() + "/" + Directory.TENANT + "/oauth2/v2.0/deviceauth"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString("user_code=" + userCode + "&user=" + user))
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      assertThat(http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
          .isEqualTo(200);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String user() {
    return sandbox.userToken("alice", "finance-copilot");
  }

  private static IAuthenticationResult exchange(IClientCredential proof, String assertion)
      throws Exception {
    return application(Directory.GATEWAY, proof)
        .acquireToken(
            OnBehalfOfParameters.builder(DATABRICKS, new UserAssertion(assertion)).build())
        .get();
  }

  private static ConfidentialClientApplication application(String client, IClientCredential proof)
      throws Exception {
    return ConfidentialClientApplication.builder(client, proof)
        .authority(sandbox.httpsUrl() + "/" + Directory.TENANT + "/")
        .validateAuthority(false)
        .instanceDiscovery(false)
        .sslSocketFactory(trusting())
        .connectTimeoutForDefaultHttpClient(10_000)
        .readTimeoutForDefaultHttpClient(10_000)
        .build();
  }

  private static IClientCredential secret(String name) throws Exception {
    return ClientCredentialFactory.createFromSecret(
        Files.readString(data.resolve(name + ".secret")).strip());
  }

  private static IClientCredential certificate() throws Exception {
    String pem = Files.readString(data.resolve("gateway-client.pem"));
    String begin = "-----BEGIN PRIVATE KEY-----";
    String end = "-----END PRIVATE KEY-----";
    byte[] key =
        Base64.getMimeDecoder()
            .decode(pem.substring(pem.indexOf(begin) + begin.length(), pem.indexOf(end)));
    PrivateKey rsa = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(key));
    byte[] certificate =
        pem.substring(pem.indexOf(end) + end.length()).strip().getBytes(StandardCharsets.US_ASCII);
    return ClientCredentialFactory.createFromCertificate(
        rsa, x509(new ByteArrayInputStream(certificate)));
  }

  private static SSLSocketFactory trusting() throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (InputStream authority = Files.newInputStream(data.resolve("ca.pem"))) {
      trusted.setCertificateEntry("sandbox", x509(authority));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context.getSocketFactory();
  }

  private static X509Certificate x509(InputStream pem) throws Exception {
    return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
  }
}
