// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import dev.obolus.audit.AuditReader;
import dev.obolus.audit.DataTenants;
import dev.obolus.console.operator.Integrity;
import dev.obolus.console.operator.OperatorApi;
import dev.obolus.console.reading.Catalogue;
import dev.obolus.console.reading.LogPages;
import dev.obolus.console.signin.SignInSettings;
import dev.obolus.console.web.Assets;
import dev.obolus.console.web.Faults;
import dev.obolus.console.web.Frame;
import dev.obolus.console.web.Hosts;
import dev.obolus.console.web.OffTheLoop;
import dev.obolus.console.web.Pages;
import dev.obolus.console.web.ReadableHeaders;
import dev.obolus.console.web.SecurityHeaders;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.client.WebClient;
import org.thymeleaf.ITemplateEngine;

/** Puts the parts together. */
@Configuration(proxyBeanMethods = false)
class ConsoleConfiguration {
  private static final int LARGEST_ANSWER = 4 * 1024 * 1024;

  @Bean
  Clock clock() {
    return Clock.systemUTC();
  }

  @Bean
  SecureRandom random() {
    return new SecureRandom();
  }

  @Bean
  SignInSettings signInSettings(
      ConsoleSettings settings,
      @Value("${obolus.http-allowed-hosts:}") Set<String> httpAllowedHosts) {
    settings.requireSafe(httpAllowedHosts);
    return settings.signIn();
  }

  @Bean
  OperatorApi operatorApi(ConsoleSettings settings) {
    var http =
        WebClient.builder().codecs(c -> c.defaultCodecs().maxInMemorySize(LARGEST_ANSWER)).build();
    return new OperatorApi(
        http, settings.gatewayUrl(), settings.gatewayTimeout(), settings.verifyTimeout());
  }

  @Bean
  DataTenants dataTenants(OperatorSettings settings) {
    return new DataTenants(settings.dataTenants());
  }

  @Bean
  Integrity integrity() {
    return new Integrity();
  }

  @Bean
  Catalogue catalogue() {
    return new Catalogue();
  }

  @Bean
  LogPages logPages(AuditReader reader) {
    return new LogPages(reader);
  }

  @Bean
  Assets assets() {
    return new Assets();
  }

  @Bean
  Pages pages(
      ITemplateEngine templates,
      Frame frame,
      Assets assets,
      ConsoleSettings settings,
      @Value("${obolus.environment:}") String environment) {
    return new Pages(templates, frame, assets, settings.demo() ? "demo" : environment);
  }

  @Bean
  Faults faults(Pages pages) {
    return new Faults(pages);
  }

  @Bean
  SecurityHeaders securityHeaders(SecureRandom random, ConsoleSettings settings) {
    return new SecurityHeaders(random, origin(settings.browsers()));
  }

  private static String origin(URI url) {
    return url.getScheme() + "://" + url.getAuthority();
  }

  @Bean
  OffTheLoop offTheLoop() {
    return new OffTheLoop();
  }

  @Bean
  ReadableHeaders readableHeaders() {
    return new ReadableHeaders();
  }

  @Bean
  Hosts hosts(SignInSettings settings) {
    return new Hosts(Optional.of(settings).flatMap(SignInSettings::publicUrl));
  }
}
