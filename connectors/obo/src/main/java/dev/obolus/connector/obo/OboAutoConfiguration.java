// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.obolus.connector.DelegatedAccessProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.springframework.beans.factory.ObjectProvider;
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
  private static final int MOST_PURGES = 100_000;
  private static final String IDENTITY = "obolus.identity.authority";
  private static final String PLAIN = "obolus.http-allowed-hosts";

  private static final InstantSource CLOCK = InstantSource.system();
  private static final RandomGenerator RANDOM = RandomGenerator.getDefault();

  @Bean
  static Target oboTarget(OboProperties properties, Environment environment) {
    Binder binder = Binder.get(environment);
    URI identity =
        binder
            .bind(IDENTITY, URI.class)
            .orElseGet(() -> URI.create("https://login.microsoftonline.com"));
    List<String> plain = binder.bind(PLAIN, Bindable.listOf(String.class)).orElseGet(List::of);
    return new Target(
        switch (properties.profile()) {
          case ENTRA, AGENT_ID -> properties.authority(identity, plain);
          case RFC8693 -> properties.requiredTokenEndpoint(plain);
        });
  }

  @Bean
  static Alerts oboAlerts(ObjectProvider<MeterRegistry> meters) {
    return new Alerts(meters.getIfUnique(SimpleMeterRegistry::new));
  }

  @Bean
  static Credentials oboCredentials(OboProperties properties, Alerts alerts) {
    var made =
        new ClientCredentials(
            properties.requiredClientId(),
            http("obo-credential", properties.timeout(), false),
            System.getenv(),
            properties.timeout(),
            CLOCK);
    return new Credentials(made.all(properties.primary(), properties.standby()), alerts);
  }

  @Bean
  static CredentialHealth oboHealthIndicator(Credentials credentials) {
    return new CredentialHealth(credentials);
  }

  @Bean
  static DelegatedAccessProvider delegatedAccessProvider(
      OboProperties properties,
      Target target,
      Credentials credentials,
      Alerts alerts,
      ObjectProvider<MeterRegistry> registry) {
    var meters = new CacheMeters(registry.getIfUnique(SimpleMeterRegistry::new));
    return new CachedDelegatedAccess(
        exchange(properties, target.uri(), credentials, alerts),
        new CachedDelegatedAccess.Settings(
            properties.profile() + " " + target.uri() + " " + properties.requiredClientId(),
            properties.maxTtl(),
            properties.skew()),
        new TokenCache(properties.cacheSize(), CLOCK, Ticker.systemTicker(), meters),
        new Refusals(CLOCK, Ticker.systemTicker()),
        new Generations(MOST_PURGES, Ticker.systemTicker()),
        CLOCK,
        RANDOM,
        meters);
  }

  private static OboExchange exchange(
      OboProperties properties, URI target, Credentials credentials, Alerts alerts) {
    var http = http("obo", properties.timeout(), "https".equals(target.getScheme()));
    var settings = new TokenEndpoint.Settings(properties.timeout(), properties.longestWait());
    var breakers = new Breakers(CLOCK);
    var own = new TokenEndpoint(http, settings, credentials, breakers, RANDOM, alerts, CLOCK);
    String client = properties.requiredClientId();
    return switch (properties.profile()) {
      case ENTRA -> new EntraOboExchange(entra(properties, target, client), own);
      case AGENT_ID -> {
        String agent = properties.requiredAgentIdentity();
        var proof = new AgentIdentityCredential(own, client, agent, CLOCK);
        var second =
            new TokenEndpoint(
                http,
                settings,
                new Credentials(List.of(proof), alerts),
                new Breakers(CLOCK),
                RANDOM,
                alerts,
                CLOCK);
        yield new EntraOboExchange(entra(properties, target, agent), second);
      }
      case RFC8693 ->
          new Rfc8693Exchange(
              new Rfc8693Exchange.Settings(
                  target, client, Optional.ofNullable(properties.audience())),
              own);
    };
  }

  private static EntraOboExchange.Settings entra(
      OboProperties properties, URI authority, String client) {
    return new EntraOboExchange.Settings(authority, client, properties.continuousAccess());
  }

  private static WebClient http(String name, Duration timeout, boolean tls) {
    HttpClient client =
        HttpClient.create(
                ConnectionProvider.builder(name)
                    .maxConnections(200)
                    .pendingAcquireMaxCount(2_000)
                    .pendingAcquireTimeout(timeout)
                    .maxIdleTime(Duration.ofSeconds(30))
                    .build())
            .followRedirect(false)
            .responseTimeout(timeout);
    return WebClient.builder()
        .codecs(codecs -> codecs.defaultCodecs().maxInMemorySize(MOST_BYTES))
        .clientConnector(new ReactorClientHttpConnector(tls ? modernTls(client) : client))
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

  /**
   * @param uri the authority, or the one token endpoint
   */
  record Target(URI uri) {}
}
