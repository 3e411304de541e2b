// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.signin;

import dev.obolus.audit.DataTenants;
import dev.obolus.console.operator.OperatorApi;
import dev.obolus.console.reading.Catalogue;
import io.netty.channel.ChannelOption;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.ReactiveOAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.WebClientReactiveAuthorizationCodeTokenResponseClient;
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
import org.springframework.security.oauth2.core.converter.ClaimTypeConverter;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusReactiveJwtDecoder;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoderFactory;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.server.session.CookieWebSessionIdResolver;
import org.springframework.web.server.session.WebSessionIdResolver;
import reactor.netty.http.client.HttpClient;

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
    var decoders = new ConcurrentHashMap<String, ReactiveJwtDecoder>();
    return registration ->
        decoders.computeIfAbsent(
            registration.getRegistrationId(), id -> idTokenDecoder(settings, registration));
  }

  private static ReactiveJwtDecoder idTokenDecoder(
      SignInSettings settings, ClientRegistration registration) {
    var decoder = decoder(settings, new OidcIdTokenValidator(registration));
    decoder.setClaimSetConverter(
        new ClaimTypeConverter(
            ReactiveOidcIdTokenDecoderFactory.createDefaultClaimTypeConverters()));
    return decoder;
  }

  @Bean
  OperatorUsers operatorUsers(SignInSettings settings, DataTenants visible) {
    return new OperatorUsers(
        decoder(
            settings,
            new DelegatingOAuth2TokenValidator<>(
                List.of(
                    new JwtIssuerValidator(settings.issuer()),
                    new JwtClaimValidator<List<String>>(
                        "aud", aud -> aud != null && aud.contains(settings.operatorAudience()))))),
        visible);
  }

  private static NimbusReactiveJwtDecoder decoder(
      SignInSettings settings, OAuth2TokenValidator<Jwt> rules) {
    var decoder =
        NimbusReactiveJwtDecoder.withJwkSetUri(settings.at("/discovery/v2.0/keys").toString())
            .webClient(patient(settings))
            .build();
    decoder.setJwtValidator(
        new DelegatingOAuth2TokenValidator<>(
            List.of(new JwtTimestampValidator(), rules, ofTenant(settings))));
    return decoder;
  }

  @Bean
  ReactiveOAuth2AccessTokenResponseClient<OAuth2AuthorizationCodeGrantRequest> codes(
      SignInSettings settings) {
    var codes = new WebClientReactiveAuthorizationCodeTokenResponseClient();
    codes.setWebClient(patient(settings));
    return codes;
  }

  /** Waits for the identity provider so long and no longer. */
  private static WebClient patient(SignInSettings settings) {
    var http =
        HttpClient.create()
            .responseTimeout(settings.patience())
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.toIntExact(settings.patience().toMillis()));
    return WebClient.builder().clientConnector(new ReactorClientHttpConnector(http)).build();
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
  Sentences sentences(OperatorApi api, Catalogue catalogue, Clock clock) {
    return new Sentences(api, catalogue, clock);
  }

  @Bean
  Arrival arrival(OperatorApi api, Sentences sentences, Clock clock) {
    return new Arrival(api, sentences, clock);
  }
}
