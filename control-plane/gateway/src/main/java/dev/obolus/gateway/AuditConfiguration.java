// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.audit.AuditLog;
import dev.obolus.audit.AuditReader;
import dev.obolus.audit.DataTenants;
import dev.obolus.audit.PersonalValues;
import dev.obolus.audit.Pseudonyms;
import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.PublicKeys;
import dev.obolus.audit.integrator.Integrator;
import dev.obolus.audit.issuing.Enrolment;
import dev.obolus.audit.personal.KeyEncryption;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.audit.postgres.DatabaseSettings.Tls;
import dev.obolus.audit.postgres.LogSettings;
import dev.obolus.audit.postgres.PostgresAuditLog;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.gateway.azure.LogVault;
import dev.obolus.gateway.freeze.FreezeRecords;
import dev.obolus.gateway.freeze.Freezes;
import dev.obolus.gateway.identity.IdentitySettings;
import dev.obolus.gateway.operator.GatewayStatus;
import dev.obolus.gateway.operator.PrunePlanning;
import dev.obolus.gateway.readiness.Fitness;
import dev.obolus.policy.wasm.WasmPolicyEvaluator;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Opens the audit log. Closing it, as the last of all, ends the chain with a record of its own. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AuditSettings.class)
class AuditConfiguration {

  /** Whether this process holds the root key; else the log's signer issues its chains' keys. */
  static final class HoldsRoot implements Condition {
    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      return !context.getEnvironment().containsProperty("obolus.audit.enrolment-key-file");
    }
  }

  @Bean
  LogVault logVault(Environment environment) {
    return LogVault.of(environment);
  }

  @Bean
  LogKeys logKeys(AuditSettings settings, LogVault vault) {
    return new LogKeys(settings, vault);
  }

  @Bean
  KeyEncryption keyEncryption(LogKeys keys, SecureRandom random) throws IOException {
    return keys.values(random);
  }

  @Bean
  @Conditional(HoldsRoot.class)
  Keyring keyring(LogKeys keys) throws IOException {
    return keys.keyring();
  }

  @Bean
  AuditDatabase auditDatabase(
      AuditSettings settings,
      GatewaySettings gateway,
      IdentitySettings identity,
      Deployment deployment,
      Environment environment,
      Optional<Keyring> keys,
      KeyEncryption encryption,
      SecureRandom random)
      throws IOException {
    DatabaseSettings database = database(settings, gateway);
    LogSettings log =
        log(
            settings,
            deployment.name(),
            trusted(
                settings, gateway, identity, deployment, environment, keys, encryption.version()));
    return keys.isPresent()
        ? AuditDatabase.open(database, log, keys.get(), encryption, random, Clock.systemUTC())
        : AuditDatabase.open(
            database,
            log,
            Enrolment.read(
                required(settings.enrolmentKeyFile(), "obolus.audit.enrolment-key-file")),
            encryption,
            random,
            Clock.systemUTC());
  }

  @Bean
  AuditLog auditLog(AuditDatabase database, MeterRegistry meters) {
    PostgresAuditLog log = database.log();
    Gauge.builder("obolus.audit.ready", log, ready -> ready.ready() ? 1 : 0).register(meters);
    Gauge.builder("obolus.audit.queue", log, PostgresAuditLog::queued).register(meters);
    FunctionCounter.builder("obolus.audit.offers.refused", log, PostgresAuditLog::refusedOffers)
        .register(meters);
    Gauge.builder("obolus.audit.next.key.missing", log, it -> it.lacksNextKey() ? 1 : 0)
        .register(meters);
    return log;
  }

  @Bean
  Fitness chainIsOpen(AuditDatabase database) {
    return new Fitness("chain", database.log()::ready);
  }

  @Bean
  StoredLogVerification logVerification(
      AuditSettings settings, GatewaySettings gateway, LogKeys keys, Optional<Keyring> held)
      throws IOException {
    AuditVerifier log =
        new AuditVerifier(Optional.empty()).with(held.isPresent() ? keys.verifiers() : List.of());
    return new StoredLogVerification(
        log, publicKeys(settings), new LogConnection(database(settings, gateway)));
  }

  @Bean
  FreezeRecords freezeRecords(
      AuditSettings settings,
      GatewaySettings gateway,
      StoredLogVerification verification,
      PersonalValues values) {
    return new StoredFreezes(new LogConnection(database(settings, gateway)), verification, values);
  }

  @Bean
  PrunePlanning prunePlanning(AuditSettings settings, GatewaySettings gateway) {
    return new StoredPrunePlanning(new LogConnection(database(settings, gateway)));
  }

  private static Optional<PublicKeys> publicKeys(AuditSettings settings) throws IOException {
    if (settings.publicKeysFile() != null) {
      return Optional.of(PublicKeys.read(List.of(settings.publicKeysFile())));
    }
    return settings.checkpointKeyFile() == null
        ? Optional.empty()
        : Optional.of(
            publicKeys(settings.checkpointKeyFile(), IntegratorConfiguration.earlier(settings)));
  }

  private static PublicKeys publicKeys(Path checkpointKey, List<NoteKey> earlier)
      throws IOException {
    return PublicKeys.of(
        Stream.concat(SigningKey.read(checkpointKey).logKeys().stream(), earlier.stream())
            .map(NoteKey::toString)
            .toList());
  }

  @Bean
  GatewayStatus gatewayStatus(
      Deployment deployment,
      AuditDatabase database,
      WasmPolicyEvaluator policy,
      Optional<Integrator> integrator,
      Freezes freezes) {
    return new GatewayStatusReport(deployment, database.log(), policy, integrator, freezes);
  }

  @Bean
  PersonalValues personalValues(AuditDatabase database) {
    return database.personalValues();
  }

  @Bean
  AuditReader auditReader(AuditDatabase database) {
    return database.reader();
  }

  @Bean
  Pseudonyms pseudonyms(AuditDatabase database) {
    return database.pseudonyms();
  }

  /** How a writer behaves, by these settings. */
  static LogSettings log(AuditSettings settings, String environment, Map<String, String> opened) {
    return LogSettings.defaults("obolus/" + environment, opened)
        .requiringStandby(settings.requireStandby());
  }

  /** Where the log is, by these settings. */
  static DatabaseSettings database(Environment environment) {
    Binder binder = Binder.get(environment);
    return database(
        binder.bindOrCreate("obolus.audit", AuditSettings.class),
        binder.bindOrCreate("obolus", GatewaySettings.class));
  }

  static DatabaseSettings database(AuditSettings settings, GatewaySettings gateway) {
    return new DatabaseSettings(
        settings.host(),
        settings.port(),
        settings.database(),
        settings.username(),
        required(settings.passwordFile(), "obolus.audit.password-file"),
        gateway.mayBePlain(settings.host()) ? Tls.PLAIN : Tls.VERIFIED);
  }

  /** What the chain's first record says that this gateway trusts. */
  private static Map<String, String> trusted(
      AuditSettings settings,
      GatewaySettings gateway,
      IdentitySettings identity,
      Deployment deployment,
      Environment environment,
      Optional<Keyring> keys,
      String valueKey)
      throws IOException {
    Map<String, String> trusted = new TreeMap<>();
    trusted.put("environment", deployment.name());
    trusted.put("profile", deployment.demo() ? Deployment.DEMO : "real");
    trusted.put("issuer", identity.issuer().isBlank() ? "as published" : identity.issuer());
    trusted.put("authority", identity.authority().toString());
    trusted.put("tenants", String.join(" ", identity.tenants().stream().sorted().toList()));
    trusted.put("audiences", String.join(" ", identity.audiences().stream().sorted().toList()));
    trusted.put("database", settings.host() + ":" + settings.port());
    trusted.put(
        "http_allowed_hosts",
        String.join(" ", gateway.httpAllowedHosts().stream().sorted().toList()));
    trusted.put("operator_audience", environment.getProperty("obolus.operator.audience", ""));
    trusted.put("operator_clients", list(environment, "obolus.operator.clients"));
    trusted.put("operator_tenants", list(environment, "obolus.operator.tenants"));
    trusted.put("operator_data_tenants", dataTenants(environment));
    trusted.put("obo_client", environment.getProperty("obolus.obo.client-id", ""));
    trusted.put("connectors", connectors(environment));
    trusted.put("root_key", keys.map(held -> held.root().id()).orElse(""));
    trusted.put("value_key", valueKey);
    trusted.put("keys_held", keysHeld(settings, keys));
    trusted.putAll(IntegratorConfiguration.opened(settings));
    trusted.put("key_vault", String.join(" ", LogVault.of(environment).identifiers()));
    return trusted;
  }

  /** Who takes this process over can seal that much: said by the log itself. */
  private static String keysHeld(AuditSettings settings, Optional<Keyring> keys) {
    if (keys.isEmpty()) {
      return "own chains, issued";
    }
    return settings.checkpointKeyFile() == null ? "root" : "root, checkpoint";
  }

  private static String list(Environment environment, String name) {
    return String.join(
        " ",
        Binder.get(environment).bind(name, Bindable.setOf(String.class)).orElseGet(Set::of).stream()
            .sorted()
            .toList());
  }

  private static String dataTenants(Environment environment) {
    ResolvableType sets = ResolvableType.forClassWithGenerics(Set.class, String.class);
    Bindable<Map<String, Set<String>>> map =
        Bindable.of(
            ResolvableType.forClassWithGenerics(
                Map.class, ResolvableType.forClass(String.class), sets));
    return new DataTenants(
            Binder.get(environment).bind("obolus.operator.data-tenants", map).orElseGet(Map::of))
        .toString();
  }

  /** Each connector that is set, with the host that it speaks to. */
  private static String connectors(Environment environment) {
    Map<String, Object> set =
        Binder.get(environment)
            .bind("obolus.connectors", Bindable.mapOf(String.class, Object.class))
            .orElseGet(Map::of);
    return set.entrySet().stream()
        .map(one -> one.getKey() + "=" + host(one.getValue()))
        .sorted()
        .collect(Collectors.joining(" "));
  }

  private static String host(Object connector) {
    return connector instanceof Map<?, ?> settings && settings.get("host") instanceof String host
        ? host
        : "";
  }

  static Path required(@Nullable Path file, String property) {
    if (file == null) {
      throw new IllegalStateException(property + " is not set");
    }
    return file;
  }
}
