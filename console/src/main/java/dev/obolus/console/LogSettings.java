// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.audit.postgres.DatabaseSettings.Tls;
import dev.obolus.console.web.Hosts;
import java.nio.file.Path;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the audit log is read.
 *
 * @param username the role that may select from the views and nothing else
 */
@ConfigurationProperties("obolus.audit")
record LogSettings(
    @DefaultValue("127.0.0.1") String host,
    @DefaultValue("5432") int port,
    @DefaultValue("obolus") String database,
    @DefaultValue("obolus_console") String username,
    Path passwordFile) {

  DatabaseSettings database(Set<String> httpAllowedHosts) {
    boolean plain = Hosts.isLoopback(host) || httpAllowedHosts.contains(host);
    return new DatabaseSettings(
        host, port, database, username, passwordFile, plain ? Tls.PLAIN : Tls.VERIFIED);
  }
}
