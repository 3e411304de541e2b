// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.SignedJWT;
import dev.obolus.connector.ConnectorFailure.ExchangeUnavailable;
import dev.obolus.connector.ConnectorFailure.Misconfigured;
import dev.obolus.connector.ConnectorFailure.TokenRejected;
import dev.obolus.connector.SubjectToken;
import dev.obolus.connector.obo.OboExchange.Exchanged;
import dev.obolus.connector.obo.OboExchange.Exchanged.Issued;
import dev.obolus.connector.obo.OboExchange.Exchanged.Refused;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.servlet.DelegatingFilterProxyRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.server.authorization.InMemoryOAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.OAuth2Authorization;
import org.springframework.security.oauth2.server.authorization.OAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.client.InMemoryRegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.web.SecurityFilterChain;

/** RFC 8693 against Spring Authorization Server, which checks the subject token and the scope. */
final class ForeignTokenExchangeTest {
  private static final String SCOPE = "warehouse.read";

  @TempDir static Path folder;
  private static ConfigurableApplicationContext server;

  @BeforeAll
  static void start() {
    server =
        new SpringApplicationBuilder(Server.class)
            .web(WebApplicationType.SERVLET)
            .properties("server.port=0", "server.address=127.0.0.1")
            .run();
    for (String person : List.of("alice", "bob")) {
      signIn(person);
    }
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void itExchangesEachPersonsTokenForOneOfTheSamePerson() throws Exception {
    for (String person : List.of("alice", "bob")) {
      Exchanged exchanged = exchange("secret", "token-of-" + person, SCOPE);

      assertThat(exchanged).isInstanceOf(Issued.class);
      Issued issued = (Issued) exchanged;
      var claims =
          SignedJWT.parse(issued.token().authorizationHeader().substring("Bearer ".length()))
              .getJWTClaimsSet();
      assertThat(claims.getSubject()).isEqualTo(person);
      assertThat(claims.getStringListClaim("scope")).containsExactly(SCOPE);
      assertThat(issued.expiresIn()).isPositive();
    }
  }

  @Test
  void aTokenThatItNeverIssuedIsRejected() throws IOException {
    assertThat(((Refused) exchange("secret", "token-of-nobody", SCOPE)).failure())
        .isEqualTo(new TokenRejected("invalid_grant"));
  }

  @Test
  void aScopeThatIsNotOursIsASettingOfOurs() throws IOException {
    assertThat(((Refused) exchange("secret", "token-of-alice", "everything")).failure())
        .isEqualTo(new Misconfigured("invalid_scope"));
  }

  @Test
  void aWrongSecretIsTheGatewaysFault() throws IOException {
    assertThat(((Refused) exchange("wrong", "token-of-alice", SCOPE)).failure())
        .isEqualTo(new ExchangeUnavailable("invalid_client", Optional.empty()));
  }

  private static Exchanged exchange(String secret, String token, String scope) throws IOException {
    Path file = folder.resolve(secret);
    Files.writeString(file, secret);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    URI endpoint =
        URI.create(
            "http://127.0.0.1:"
                + server.getEnvironment().getProperty("local.server.port")
                + "/oauth2/token");
    var wiring = new Wiring();
    var exchange =
        new Rfc8693Exchange(
            new Rfc8693Exchange.Settings(endpoint, "gateway", Optional.empty()),
            wiring.endpoint(wiring.credentials(new SecretCredential(file))));
    var request =
        new OboExchange.Request(
            new SubjectToken(token, Instant.MAX), "any", scope, Optional.empty(), "request-1");
    return Objects.requireNonNull(exchange.exchange(request).block(Duration.ofSeconds(20)));
  }

  /** As after the code flow: the server knows the token and whose it is. */
  private static void signIn(String person) {
    RegisteredClient agent =
        Objects.requireNonNull(
            server.getBean(RegisteredClientRepository.class).findByClientId("agent"));
    server
        .getBean(OAuth2AuthorizationService.class)
        .save(
            OAuth2Authorization.withRegisteredClient(agent)
                .principalName(person)
                .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
                .attribute(
                    Principal.class.getName(),
                    UsernamePasswordAuthenticationToken.authenticated(person, null, List.of()))
                .accessToken(
                    new OAuth2AccessToken(
                        OAuth2AccessToken.TokenType.BEARER,
                        "token-of-" + person,
                        Instant.now(),
                        Instant.now().plusSeconds(600),
                        Set.of(SCOPE)))
                .build());
  }

  @EnableAutoConfiguration(exclude = OboAutoConfiguration.class)
  @EnableWebSecurity
  static class Server {
    @Bean
    SecurityFilterChain chain(HttpSecurity http) {
      return http.oauth2AuthorizationServer(Customizer.withDefaults())
          .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
          .build();
    }

    @Bean
    DelegatingFilterProxyRegistrationBean security() {
      return new DelegatingFilterProxyRegistrationBean("springSecurityFilterChain");
    }

    @Bean
    RegisteredClientRepository clients() {
      return new InMemoryRegisteredClientRepository(
          client("gateway", "secret"), client("agent", "another"));
    }

    private static RegisteredClient client(String id, String secret) {
      return RegisteredClient.withId(id)
          .clientId(id)
          .clientSecret("{noop}" + secret)
          .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)
          .authorizationGrantType(AuthorizationGrantType.TOKEN_EXCHANGE)
          .scope(SCOPE)
          .build();
    }

    @Bean
    OAuth2AuthorizationService authorizations() {
      return new InMemoryOAuth2AuthorizationService();
    }

    @Bean
    AuthorizationServerSettings settings() {
      return AuthorizationServerSettings.builder().build();
    }

    @Bean
    JWKSource<SecurityContext> keys() throws JOSEException {
      RSAKey key = new RSAKeyGenerator(2048).keyID("1").generate();
      return new ImmutableJWKSet<>(new JWKSet(key));
    }
  }
}
