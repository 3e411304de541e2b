// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.obolus.connector.DelegatedAccessProvider;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/** Offers delegated access to the gateway. */
@AutoConfiguration
@EnableConfigurationProperties(OboProperties.class)
final class OboAutoConfiguration {
  private static final int MOST_BYTES = 256 * 1024;
  private static final String IDENTITY = "obolus.identity.authority";
  private static final String PLAIN = "obolus.http-allowed-hosts";

  @Bean
  static DelegatedAccessProvider delegatedAccessProvider(
      OboProperties properties, Environment environment) {
    Binder binder = Binder.get(environment);
    URI identity =
        binder
            .bind(IDENTITY, URI.class)
            .orElseGet(() -> URI.create("https://login.microsoftonline.com"));
    List<String> plain = binder.bind(PLAIN, Bindable.listOf(String.class)).orElseGet(List::of);
    return access(properties, properties.authority(identity, plain));
  }

  private static DelegatedAccessProvider access(OboProperties properties, URI authority) {
    String client = properties.requiredClientId();
    var exchange =
        new EntraOboExchange(
            http(properties, authority),
            new EntraOboExchange.Settings(
                authority, client, properties.timeout(), properties.longestWait()),
            credential(properties, client),
            RandomGenerator.getDefault());
    return new CachedDelegatedAccess(
        exchange,
        new CachedDelegatedAccess.Settings(
            authority.toString(),
            client,
            properties.cacheSize(),
            properties.maxTtl(),
            properties.skew()),
        InstantSource.system(),
        Ticker.systemTicker());
  }

  private static ClientCredential credential(OboProperties properties, String client) {
    Path secret = properties.clientSecretFile();
    Path certificate = properties.certificateFile();
    if (secret != null && certificate == null) {
      return new SecretCredential(secret);
    }
    if (certificate != null && secret == null) {
      return new CertificateCredential(client, certificate, InstantSource.system());
    }
    throw new IllegalArgumentException(
        "give one of obolus.obo.client-secret-file and obolus.obo.certificate-file");
  }

  private static WebClient http(OboProperties properties, URI authority) {
    HttpClient client =
        HttpClient.create(
                ConnectionProvider.builder("obo")
                    .maxConnections(200)
                    .pendingAcquireMaxCount(2_000)
                    .pendingAcquireTimeout(properties.timeout())
                    .maxIdleTime(Duration.ofSeconds(30))
                    .build())
            .followRedirect(false)
            .responseTimeout(properties.timeout());
    return WebClient.builder()
        .codecs(codecs -> codecs.defaultCodecs().maxInMemorySize(MOST_BYTES))
        .clientConnector(
            new ReactorClientHttpConnector(
                "https".equals(authority.getScheme()) ? modernTls(client) : client))
        .build();
  }

  private static HttpClient modernTls(HttpClient client) {
    try {
      SslContext context = SslContextBuilder.forClient().protocols("TLSv1.3", "TLSv1.2").build();
      return client.secure(spec -> spec.sslContext(context));
    } catch (IOException e) {
      throw new IllegalStateException("no TLS 1.2 here", e);
    }
  }
}
