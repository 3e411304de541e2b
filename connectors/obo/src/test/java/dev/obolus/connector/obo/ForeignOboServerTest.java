// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.obolus.connector.ConnectorFailure.Misconfigured;
import dev.obolus.connector.SubjectToken;
import dev.obolus.connector.obo.OboExchange.Exchanged;
import dev.obolus.connector.obo.OboExchange.Exchanged.Issued;
import dev.obolus.connector.obo.OboExchange.Exchanged.Refused;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entra's on-behalf-of form against a server that other people wrote for testing such clients. */
final class ForeignOboServerTest {
  private static final String TENANT = "0b010500-0000-4000-8000-000000000001";
  private static final String ISSUER = TENANT + "/oauth2/v2.0";

  @TempDir Path folder;
  private final MockOAuth2Server server = new MockOAuth2Server();

  @BeforeEach
  void start() {
    server.start(InetAddress.getLoopbackAddress(), 0);
  }

  @AfterEach
  void stop() {
    server.shutdown();
  }

  @Test
  void itExchangesThePersonsTokenForOneOfTheSamePersonAndTheAskedScope()
      throws IOException, ParseException {
    for (ClientCredential credential : List.of(secret(), certificate())) {
      for (String person : List.of("alice", "bob")) {
        Exchanged exchanged = exchange(credential, token(person));

        var token = SignedJWT.parse(text(exchanged));
        assertThat(token.getJWTClaimsSet().getSubject()).isEqualTo(person);
        assertThat(token.getJWTClaimsSet().getAudience()).containsExactly("warehouse/.default");
      }
    }
  }

  @Test
  void whatItRefusesIsAValue() throws IOException {
    assertThat(exchange(secret(), "no token at all"))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.failure()).isEqualTo(new Misconfigured("invalid_request"));
              assertThat(refused.toString()).doesNotContain("no token at all");
            });
  }

  private String token(String person) {
    return server.issueToken(ISSUER, person, "gateway", Map.of("oid", person)).serialize();
  }

  private Exchanged exchange(ClientCredential credential, String assertion) {
    URI authority =
        URI.create("http://127.0.0.1:" + server.tokenEndpointUrl(ISSUER).url().getPort());
    var request =
        new OboExchange.Request(
            new SubjectToken(assertion, Instant.MAX),
            TENANT,
            "warehouse/.default",
            Optional.empty(),
            "request-1");
    return Objects.requireNonNull(
        new Wiring()
            .entra(authority, "gateway", credential)
            .exchange(request)
            .block(Duration.ofSeconds(20)));
  }

  private static String text(Exchanged exchanged) {
    assertThat(exchanged).isInstanceOf(Issued.class);
    return ((Issued) exchanged).token().authorizationHeader().substring("Bearer ".length());
  }

  private ClientCredential secret() throws IOException {
    Path file = folder.resolve("secret");
    Files.writeString(file, "secret");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return new SecretCredential(file);
  }

  private ClientCredential certificate() {
    Path file = TestCertificate.in(folder.resolve("gateway.pem")).file();
    return new CertificateCredential("gateway", file, false, InstantSource.system());
  }
}
