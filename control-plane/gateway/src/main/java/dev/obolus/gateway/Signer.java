// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import com.sun.net.httpserver.HttpServer;
import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.integrator.Integrator;
import dev.obolus.audit.integrator.IntegratorState;
import dev.obolus.audit.issuing.Issuer;
import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.audit.postgres.LogState;
import dev.obolus.audit.postgres.PostgresAuditLog;
import dev.obolus.gateway.azure.LogVault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * {@code obolus audit signer}: the process that holds the log's root key and signing key, so that
 * no gateway has to. It issues the key of each chain that a gateway opens, checks and signs what
 * gateways have written, and ends the chains of those that died, in a chain of its own.
 *
 * <p>Settings are those of a gateway's audit log and {@code obolus.signer}. Several may run: one is
 * at work.
 */
final class Signer implements AutoCloseable {
  private static final Duration CLOSING = Duration.ofSeconds(8);
  private static final int READ_SECONDS = 20;

  private final PostgresAuditLog log;
  private final Integrator integrator;
  private final Issuer issuer;
  private final HttpServer health;

  private Signer(
      PostgresAuditLog log, Integrator integrator, Issuer issuer, InetSocketAddress address)
      throws IOException {
    this.log = log;
    this.integrator = integrator;
    this.issuer = issuer;
    this.health = HttpServer.create(address, 0);
    var _ =
        health.createContext(
            "/health",
            exchange -> {
              try (exchange) {
                byte[] body = ("{\"state\":\"" + state() + "\"}").getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(fit() ? 200 : 503, body.length);
                exchange.getResponseBody().write(body);
              }
            });
    health.start();
  }

  /** Runs until the process is told to end. */
  static void run(List<String> settings) {
    var _ =
        new SpringApplicationBuilder(Beans.class)
            .web(WebApplicationType.NONE)
            .bannerMode(Banner.Mode.OFF)
            .run(settings.toArray(String[]::new));
  }

  /** What it is made of. Not annotated as a configuration, so that no gateway finds it. */
  @EnableConfigurationProperties({AuditSettings.class, GatewaySettings.class, SignerSettings.class})
  static class Beans {

    @Bean
    Signer signer(
        AuditSettings audit,
        GatewaySettings gateway,
        SignerSettings settings,
        Environment environment)
        throws IOException {
      Path enrolments =
          AuditConfiguration.required(settings.enrolments(), "obolus.signer.enrolments");
      Keyring keys;
      try (LogVault vault = LogVault.of(environment)) {
        keys = new LogKeys(audit, vault).keyring();
      }
      DatabaseSettings database = AuditConfiguration.database(audit, gateway);
      SecureRandom random = new SecureRandom();
      PostgresAuditLog log =
          PostgresAuditLog.withoutPersons(
              database,
              AuditConfiguration.log(
                  audit, gateway.environment(), opened(audit, gateway, enrolments, keys)),
              keys,
              random,
              Clock.systemUTC());
      Integrator integrator =
          IntegratorConfiguration.start(audit, database, gateway.environment(), keys);
      LogConnection connection = new LogConnection(database);
      Issuer issuer =
          Issuer.start(
              () -> connection.open("obolus-audit-issuer", READ_SECONDS),
              enrolments,
              keys,
              log,
              random,
              Clock.systemUTC());
      String address = environment.getProperty("server.address", "127.0.0.1");
      return new Signer(
          log,
          integrator,
          issuer,
          new InetSocketAddress(InetAddress.getAllByName(address)[0], settings.port()));
    }

    /** What the signer's own chain says of it. */
    static Map<String, String> opened(
        AuditSettings audit, GatewaySettings gateway, Path enrolments, Keyring keys)
        throws IOException {
      Map<String, String> opened = new TreeMap<>(IntegratorConfiguration.opened(audit));
      opened.put("environment", gateway.environment());
      opened.put("profile", "signer");
      opened.put("database", audit.host() + ":" + audit.port());
      opened.put("enrolled", String.join(" ", Issuer.gateways(enrolments)));
      opened.put("root_key", keys.root().id());
      opened.put("keys_held", "root, checkpoint");
      return opened;
    }
  }

  private boolean fit() {
    return log.ready() && !(integrator.state() instanceof IntegratorState.Stopped);
  }

  /** In a word; why, in the log. */
  private String state() {
    if (!(log.state() instanceof LogState.Ready)) {
      return "log_unavailable";
    }
    return switch (integrator.state()) {
      case IntegratorState.Signing _ -> "signing";
      case IntegratorState.Standby _ -> "standby";
      case IntegratorState.Stopped _ -> "stopped";
    };
  }

  /** Where {@code GET /health} answers. */
  int port() {
    return health.getAddress().getPort();
  }

  /** Issues nothing more, ends its chain, signs that too. */
  @Override
  public void close() {
    health.stop(0);
    issuer.close();
    boolean _ = log.close(CLOSING).join();
    integrator.close();
  }
}
