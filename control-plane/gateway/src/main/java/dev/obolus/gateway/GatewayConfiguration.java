// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.gateway.identity.IdentitySettings;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What every room shares: the deployment, clocks and randomness. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(GatewaySettings.class)
class GatewayConfiguration {

  @Bean
  Deployment deployment(GatewaySettings settings, IdentitySettings identity) {
    return Deployment.of(settings.environment(), identity.sandbox());
  }

  @Bean
  InstantSource clock() {
    return Clock.systemUTC();
  }

  @Bean
  LongSupplier nanos() {
    return System::nanoTime;
  }

  /** Reads the system's entropy when it is made, and not on an event loop at each use. */
  @Bean
  SecureRandom random() throws NoSuchAlgorithmException {
    SecureRandom random = SecureRandom.getInstance("DRBG");
    random.nextBytes(new byte[16]);
    return random;
  }
}
