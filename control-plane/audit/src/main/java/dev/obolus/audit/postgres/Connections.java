// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.client.SSLMode;
import io.r2dbc.postgresql.util.LogLevel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Makes connection factories; the password is read from its file each time. */
final class Connections {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private Connections() {}

  static PostgresqlConnectionFactory to(DatabaseSettings settings, String name) {
    return to(settings, name, Duration.ZERO);
  }

  /** For what is worth no flush: an answer means nothing. */
  static PostgresqlConnectionFactory forHints(DatabaseSettings settings) {
    Map<String, String> options = options(Duration.ZERO);
    options.put("synchronous_commit", "off");
    return to(settings, "obolus-hints", options);
  }

  /**
   * Whose statements the server itself ends.
   *
   * @param longest after so long; zero for as the role has it
   */
  static PostgresqlConnectionFactory to(DatabaseSettings settings, String name, Duration longest) {
    return to(settings, name, options(longest));
  }

  private static PostgresqlConnectionFactory to(
      DatabaseSettings settings, String name, Map<String, String> options) {
    return new PostgresqlConnectionFactory(
        PostgresqlConnectionConfiguration.builder()
            .host(settings.host())
            .port(settings.port())
            .database(settings.database())
            .username(settings.username())
            .password(password(settings.passwordFile()))
            .sslMode(
                switch (settings.tls()) {
                  case VERIFIED -> SSLMode.VERIFY_FULL;
                  case PLAIN -> SSLMode.DISABLE;
                })
            .applicationName(name)
            .connectTimeout(Duration.ofSeconds(3))
            .tcpKeepAlive(true)
            .autodetectExtensions(false)
            .errorResponseLogLevel(LogLevel.DEBUG)
            .options(options)
            .build());
  }

  private static Map<String, String> options(Duration longest) {
    Map<String, String> options = new HashMap<>();
    options.put("search_path", "pg_catalog");
    options.put("timezone", "UTC");
    // whatever a role or a database was given: an answer means that it is on disk
    options.put("synchronous_commit", "on");
    options.put("client_min_messages", "warning"); // a commit that stands here alone is told so
    if (longest.isPositive()) {
      options.put("statement_timeout", String.valueOf(longest.toMillis()));
    }
    return options;
  }

  private static Mono<CharSequence> password(Path file) {
    return Mono.<CharSequence>fromCallable(() -> read(file))
        .subscribeOn(Schedulers.boundedElastic());
  }

  private static String read(Path file) throws IOException {
    if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
      throw new IOException("the password may be read by others (chmod 600): " + file);
    }
    return Files.readString(file).strip();
  }
}
