// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContextBuilder;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.http.Http11SslContextSpec;
import reactor.netty.http.client.HttpClient;
import reactor.netty.tcp.SslProvider.GenericSslContextSpec;

/** The agents' token verifier, and the way to other verifiers of the same issuer. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(IdentitySettings.class)
class IdentityConfiguration {

  @Bean
  VerifierFactory verifierFactory(IdentitySettings settings, InstantSource clock) {
    WebClient http = entra(settings);
    return trusted ->
        new TokenVerifier(
            trusted,
            new SigningKeys(
                new EntraMetadata(http, settings.authority(), trusted, settings.timeout()), clock),
            clock);
  }

  @Bean
  IssuerProbe issuerProbe(IdentitySettings settings, InstantSource clock) {
    return new IssuerProbe(entra(settings), settings, clock);
  }

  @Bean
  TokenVerifier agentVerifier(VerifierFactory factory, IdentitySettings settings) {
    return factory.trusting(settings.agents());
  }

  /** Direct, over TLS 1.2 or 1.3 wherever it is TLS at all, and never redirected. */
  private static WebClient entra(IdentitySettings settings) {
    Http11SslContextSpec tls =
        Http11SslContextSpec.forClient()
            .configure((SslContextBuilder builder) -> builder.protocols("TLSv1.3", "TLSv1.2"));
    HttpClient client =
        HttpClient.create()
            .secure(spec -> spec.sslContext((GenericSslContextSpec<?>) tls))
            .followRedirect(false)
            .disableRetry(true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) settings.timeout().toMillis())
            .responseTimeout(settings.timeout());
    return WebClient.builder()
        .clientConnector(new ReactorClientHttpConnector(client))
        .codecs(codecs -> codecs.defaultCodecs().maxInMemorySize(512 * 1024))
        .build();
  }
}
