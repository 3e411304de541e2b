// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import dev.obolus.audit.AuditFeed;
import dev.obolus.audit.AuditReader;
import dev.obolus.audit.postgres.AuditViews;
import java.util.Set;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The log in PostgreSQL, through the views. Without it, nothing starts: no reader, no console. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("obolus.audit.password-file")
@EnableConfigurationProperties(LogSettings.class)
class LogConfiguration {

  @Bean
  AuditViews views(
      LogSettings settings, @Value("${obolus.http-allowed-hosts:}") Set<String> httpAllowedHosts) {
    return AuditViews.open(settings.database(httpAllowedHosts));
  }

  @Bean
  AuditReader reader(AuditViews views) {
    return views.reader();
  }

  @Bean
  AuditFeed feed(AuditViews views) {
    return views.feed();
  }
}
