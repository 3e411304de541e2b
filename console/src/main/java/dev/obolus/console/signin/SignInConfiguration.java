// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.signin;

import dev.obolus.console.operator.OperatorApi;
import dev.obolus.console.reading.Catalogue;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.oauth2.client.oidc.authentication.OidcIdTokenValidator;
import org.springframework.security.oauth2.client.oidc.authentication.ReactiveOidcIdTokenDecoderFactory;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistration.ClientSettings;
import org.springframework.security.oauth2.client.registration.InMemoryReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.server.ServerOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.server.WebSessionServerOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusReactiveJwtDecoder;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoderFactory;
import org.springframework.web.server.session.CookieWebSessionIdResolver;
import org.springframework.web.server.session.WebSessionIdResolver;

/** How operators sign in: OpenID Connect, authorization code with PKCE, endpoints as configured. */
@Configuration(proxyBeanMethods = false)
class SignInConfiguration {
  static final String REGISTRATION = "obolus";

  /** The prefix binds the cookie to this host over https; plain http is for loopback only. */
  static String cookieName(SignInSettings settings) {
    return settings.https() ? "__Host-obolus-console" : "obolus-console";
  }

  @Bean
  ReactiveClientRegistrationRepository registrations(SignInSettings settings) {
    var registration =
        ClientRegistration.withRegistrationId(REGISTRATION)
            .clientName("Obolus console")
            .clientId(settings.clientId())
            .clientSecret(SecretFile.read(settings.clientSecretFile()))
            .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)
            .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
            .clientSettings(ClientSettings.builder().requireProofKey(true).build())
            .redirectUri(base(settings) + "/login/oauth2/code/" + REGISTRATION)
            .scope("openid", "profile", settings.scope())
            .authorizationUri(settings.forBrowsers("/oauth2/v2.0/authorize").toString())
            .tokenUri(settings.at("/oauth2/v2.0/token").toString())
            .jwkSetUri(settings.at("/discovery/v2.0/keys").toString())
            .issuerUri(settings.issuer())
            .userNameAttributeName("oid")
            .build();
    return new InMemoryReactiveClientRegistrationRepository(registration);
  }

  private static String base(SignInSettings settings) {
    return settings
        .publicUrl()
        .map(url -> url.toString().replaceAll("/+$", ""))
        .orElse("{baseUrl}");
  }

  /** In the session, so that it dies with it. */
  @Bean
  ServerOAuth2AuthorizedClientRepository operatorTokens() {
    return new WebSessionServerOAuth2AuthorizedClientRepository();
  }

  @Bean
  ReactiveJwtDecoderFactory<ClientRegistration> idTokens(SignInSettings settings) {
    var decoders = new ReactiveOidcIdTokenDecoderFactory();
    decoders.setJwtValidatorFactory(registration ->
        new DelegatingOAuth2TokenValidator<>(
            List.of(
                new JwtTimestampValidator(),
                new OidcIdTokenValidator(registration),
                ofTenant(settings))));
    return decoders;
  }

  @Bean
  OperatorUsers operatorUsers(SignInSettings settings) {
    return new OperatorUsers(operatorTokenDecoder(settings));
  }

  private static ReactiveJwtDecoder operatorTokenDecoder(SignInSettings settings) {
    var decoder =
        NimbusReactiveJwtDecoder.withJwkSetUri(settings.at("/discovery/v2.0/keys").toString())
            .build();
    decoder.setJwtValidator(
        new DelegatingOAuth2TokenValidator<>(
            List.of(
                new JwtTimestampValidator(),
                new JwtIssuerValidator(settings.issuer()),
                new JwtClaimValidator<List<String>>(
                    "aud", aud -> aud != null && aud.contains(settings.operatorAudience())),
                ofTenant(settings))));
    return decoder;
  }

  private static OAuth2TokenValidator<Jwt> ofTenant(SignInSettings settings) {
    return new JwtClaimValidator<String>("tid", settings.tenant()::equals);
  }

  @Bean
  WebSessionIdResolver sessionCookie(SignInSettings settings) {
    var cookie = new CookieWebSessionIdResolver();
    cookie.setCookieName(cookieName(settings));
    cookie.setCookieMaxAge(Duration.ofSeconds(-1));
    cookie.addCookieInitializer(
        c -> c.path("/").httpOnly(true).sameSite("Lax").secure(settings.https()));
    return cookie;
  }

  @Bean
  Viewers viewers(ServerOAuth2AuthorizedClientRepository operatorTokens) {
    return new Viewers(operatorTokens);
  }

  @Bean
  Arrival arrival(OperatorApi api, Catalogue catalogue, Clock clock) {
    return new Arrival(api, catalogue, clock);
  }
}
