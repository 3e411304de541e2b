// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.integrator.Integrator;
import dev.obolus.audit.integrator.IntegratorSettings;
import dev.obolus.audit.integrator.IntegratorState;
import dev.obolus.audit.integrator.Publisher;
import dev.obolus.audit.integrator.Publishing;
import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.audit.witness.TimeStampAuthority;
import dev.obolus.audit.witness.WitnessClient;
import dev.obolus.audit.witness.WriteOnce;
import dev.obolus.audit.witness.WriteOnceDirectory;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Signs checkpoints where this gateway was given the log's signing key. What becomes of it shows in
 * the health of {@code checkpoints}, in metrics and in the log, and never holds up a request.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("obolus.audit.checkpoint-key-file")
class IntegratorConfiguration {
  private static final int READ_SECONDS = 60;
  private static final Duration PUBLISH_EVERY = Duration.ofSeconds(10);
  private static final Duration STAMP_EVERY = Duration.ofHours(1);

  @Bean
  Integrator integrator(
      AuditSettings settings,
      GatewaySettings gateway,
      Deployment deployment,
      Keyring keys,
      MeterRegistry meters)
      throws IOException {
    Integrator integrator =
        start(settings, AuditConfiguration.database(settings, gateway), deployment.name(), keys);
    meters.gauge("obolus.audit.checkpoint.size", integrator, IntegratorConfiguration::size);
    meters.gauge("obolus.audit.checkpoint.stopped", integrator, IntegratorConfiguration::stopped);
    return integrator;
  }

  /** Starts signing what is in the log of that environment. */
  static Integrator start(
      AuditSettings settings, DatabaseSettings log, String environment, Keyring keys)
      throws IOException {
    SigningKey key =
        SigningKey.read(
            AuditConfiguration.required(
                settings.checkpointKeyFile(), "obolus.audit.checkpoint-key-file"));
    String origin = "obolus/" + environment;
    if (!key.name().equals(origin)) {
      throw new IllegalStateException(
          "obolus.audit.checkpoint-key-file signs for "
              + key.name()
              + ", and this log is "
              + origin);
    }
    LogConnection database = new LogConnection(log);
    return Integrator.start(
        () -> database.open("obolus-audit-integrator", READ_SECONDS),
        IntegratorSettings.defaults(key, earlier(settings), keys, settings.requireStandby()),
        publishing(settings, database),
        Clock.systemUTC());
  }

  /**
   * What the first record of whoever signs says of it: no secrets. Empty where nothing is signed.
   */
  static Map<String, String> opened(AuditSettings settings) throws IOException {
    if (settings.checkpointKeyFile() == null) {
      return Map.of();
    }
    List<String> copies = new ArrayList<>();
    if (settings.checkpointCopies() != null) {
      copies.add("directory");
    }
    if (settings.timestampUrl() != null && settings.timestampCertificateFile() != null) {
      copies.add("timestamps");
    }
    Set<String> witnesses = new TreeSet<>();
    for (AuditSettings.WitnessAt witness : settings.witnesses()) {
      NoteKey.read(witness.publicKeysFile()).forEach(key -> witnesses.add(key.name()));
    }
    return Map.of(
        "checkpoint_key", ids(SigningKey.read(settings.checkpointKeyFile()).logKeys()),
        "earlier_checkpoint_keys", ids(earlier(settings)),
        "witnesses", String.join(" ", witnesses),
        "checkpoint_copies", String.join(" ", copies));
  }

  private static String ids(List<NoteKey> keys) {
    return keys.stream().map(NoteKey::hexId).collect(Collectors.joining(" "));
  }

  /** Public keys that the log was signed with before its key was changed. */
  static List<NoteKey> earlier(AuditSettings settings) throws IOException {
    return settings.previousPublicKeysFile() == null
        ? List.of()
        : NoteKey.read(settings.previousPublicKeysFile());
  }

  private static Publishing publishing(AuditSettings settings, LogConnection database)
      throws IOException {
    HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build();
    List<WriteOnce> copies = new ArrayList<>();
    if (settings.checkpointCopies() != null) {
      copies.add(new WriteOnceDirectory(settings.checkpointCopies()));
    }
    List<WitnessClient> witnesses = new ArrayList<>();
    for (AuditSettings.WitnessAt witness : settings.witnesses()) {
      witnesses.add(new WitnessClient(witness.url(), NoteKey.read(witness.publicKeysFile()), http));
    }
    List<TimeStampAuthority> authorities = new ArrayList<>();
    if (settings.timestampUrl() != null && settings.timestampCertificateFile() != null) {
      authorities.add(
          new TimeStampAuthority(
              settings.timestampUrl(),
              certificate(settings.timestampCertificateFile()),
              http,
              new SecureRandom()));
    }
    if (copies.isEmpty() && witnesses.isEmpty() && authorities.isEmpty()) {
      return Publishing.nowhere();
    }
    return Publisher.start(
        () -> database.open("obolus-audit-publisher", READ_SECONDS),
        new Publisher.Targets(copies, witnesses, authorities, PUBLISH_EVERY, STAMP_EVERY),
        Clock.systemUTC());
  }

  private static X509Certificate certificate(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    } catch (CertificateException e) {
      throw new IOException("not a certificate: " + file, e);
    }
  }

  @Bean
  HealthIndicator checkpointsHealthIndicator(Integrator integrator) {
    return () -> health(integrator.state());
  }

  private static Health health(IntegratorState state) {
    return switch (state) {
      case IntegratorState.Signing(var size, var at) ->
          Health.up().withDetail("size", size).withDetail("signed_at", at.toString()).build();
      case IntegratorState.Standby(var reason) -> Health.up().withDetail("standby", reason).build();
      case IntegratorState.Stopped(var reason) ->
          Health.down().withDetail("reason", reason).build();
    };
  }

  private static double size(Integrator integrator) {
    return integrator.state() instanceof IntegratorState.Signing signing ? signing.size() : 0;
  }

  private static double stopped(Integrator integrator) {
    return integrator.state() instanceof IntegratorState.Stopped ? 1 : 0;
  }
}
