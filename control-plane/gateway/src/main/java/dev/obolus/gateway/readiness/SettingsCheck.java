// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.readiness;

import dev.obolus.gateway.GatewaySettings;
import dev.obolus.gateway.Hosts;
import dev.obolus.gateway.azure.LogVault;
import dev.obolus.gateway.identity.IdentitySettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * What must hold before anything is started. Pure but for a look at files' modes; each fault is one
 * sentence that names the setting, never its value where that may be a secret.
 */
public final class SettingsCheck {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
  private static final Pattern SECRET_FILE =
      Pattern.compile(".*(password|secret|key|certificate)file");
  private static final Pattern OLD_TLS =
      Pattern.compile("(?i).*(SSLv|TLSv1(\\.[01])?\\b(?!\\.)).*");
  private static final Pattern GUID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  /** Loggers that would write tokens, links or values where they speak this much. */
  static final Map<String, String> TALKATIVE =
      Map.of(
          "reactor.netty.http.client", "debug",
          "reactor.netty.http.server", "debug",
          "reactor.netty.channel", "debug",
          "io.netty.handler.logging", "debug",
          "org.springframework.web.HttpLogging", "trace",
          "org.springframework.web.reactive.function.client", "trace",
          "org.springframework.http.codec", "trace",
          "io.r2dbc.postgresql.PARAM", "debug");

  private final ConfigurableEnvironment environment;
  private final Predicate<String> talks;
  private final Settings settings;
  private final GatewaySettings gateway;
  private final IdentitySettings identity;
  private final List<String> faults = new ArrayList<>();

  /**
   * @param talks whether a logger of {@link #TALKATIVE} speaks at its level
   */
  SettingsCheck(ConfigurableEnvironment environment, Predicate<String> talks) {
    this.environment = environment;
    this.talks = talks;
    this.settings = Settings.of(environment);
    Binder binder = Binder.get(environment);
    this.gateway = binder.bindOrCreate("obolus", GatewaySettings.class);
    this.identity = binder.bindOrCreate("obolus.identity", IdentitySettings.class);
  }

  /** Every fault of these settings, with the loggers as they are now. */
  public static List<String> faultsOf(ConfigurableEnvironment environment) {
    return new SettingsCheck(environment, SettingsCheck::talks).faults();
  }

  private static boolean talks(String name) {
    Logger logger = LoggerFactory.getLogger(name);
    return "trace".equals(TALKATIVE.get(name)) ? logger.isTraceEnabled() : logger.isDebugEnabled();
  }

  /** Every fault; none where the gateway may start. */
  List<String> faults() {
    secretsAreInFiles();
    secretFilesAreTheirOwners();
    whatIsNeededIsThere();
    operatorsHaveTheirOwnAudience();
    theListenerIsSafe();
    peersAreSafe();
    if (identity.sandbox()) {
      theDemoIsConfined();
    } else {
      factsAreNotAFolder();
    }
    nobodyTalks();
    return List.copyOf(faults);
  }

  private void secretsAreInFiles() {
    settings
        .inlineSecrets()
        .forEach(name ->
            faults.add(
                name + " holds a secret itself; put it into a file and name the file instead."));
  }

  private void secretFilesAreTheirOwners() {
    settings
        .obolus()
        .forEach((name, value) -> {
          if (SECRET_FILE.matcher(name.replaceAll("[^a-z]", "")).matches()) {
            fileFault(value).ifPresent(fault -> faults.add("obolus." + name + " " + fault));
          }
        });
    settings
        .privateKeyFiles()
        .forEach(
            (name, file) -> fileFault(file).ifPresent(fault -> faults.add(name + " " + fault)));
  }

  private static Optional<String> fileFault(String value) {
    try {
      Path file = Path.of(value);
      if (!Files.isRegularFile(file)) {
        return Optional.of("names no file: " + value + ".");
      }
      return OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))
          ? Optional.empty()
          : Optional.of("names a file that others may use; chmod 600 " + value + ".");
    } catch (IOException | InvalidPathException | UnsupportedOperationException unreadable) {
      return Optional.of("names a file whose mode cannot be read: " + value + ".");
    }
  }

  private void whatIsNeededIsThere() {
    theLogHasItsKeys();
    need("audit.password-file", "the password of the gateway's database role");
    if (identity.tenants().isEmpty()) {
      faults.add("obolus.identity.tenants is empty: nobody could call.");
    }
    if (identity.audiences().isEmpty()) {
      faults.add("obolus.identity.audiences is empty: no token could be meant for this gateway.");
    }
    for (String tenant : identity.tenants()) {
      if (!GUID.matcher(tenant).matches()) {
        faults.add("obolus.identity.tenants holds something that is not a lower-case GUID.");
      }
    }
    String issuer = identity.issuer();
    if (!issuer.isBlank() && (!issuer.startsWith("https://") || !issuer.contains("{tenantid}"))) {
      faults.add("obolus.identity.issuer is not an https address with {tenantid} in it.");
    }
  }

  /** Either a process holds the root key, or keys are issued to it and it holds none. */
  private void theLogHasItsKeys() {
    try (LogVault vault = LogVault.of(environment)) {
      if (given("audit.enrolment-key-file").isBlank()) {
        either(
            vault.holdsRoot(),
            "audit.root-key-file",
            "root",
            "the key that the audit log is sealed with");
      } else {
        noOtherKeyThanIssuedOnes(vault.holdsRoot());
      }
      either(
          vault.holdsValueKey(),
          "audit.value-key-file",
          "value-key",
          "the key that hides personal values in the audit log");
      faults.addAll(vault.faults());
    }
    if (given("audit.root-key-file").endsWith(".p12")
        || given("audit.previous-root-key-file").endsWith(".p12")) {
      need("audit.root-key-password-file", "the password of the root key in PKCS #12");
    }
  }

  private void noOtherKeyThanIssuedOnes(boolean rootInVault) {
    proposalsCanBeChecked();
    for (String name :
        List.of(
            "audit.root-key-file", "audit.previous-root-key-file", "audit.checkpoint-key-file")) {
      issuedOnly(name, !given(name).isBlank());
    }
    issuedOnly("audit.vault.root", rootInVault);
  }

  /** With neither the root key nor public keys every agreement would be refused. */
  private void proposalsCanBeChecked() {
    String file = given("audit.public-keys-file");
    if (file.isBlank()) {
      faults.add(
          "obolus.audit.public-keys-file is not set beside obolus.audit.enrolment-key-file: without the log's public keys no proposal can be checked here, and every agreement to forget or prune is refused (second_person_required). Name the file that obolus audit keygen --public wrote for the log's signer.");
    } else if (!isReadable(file)) {
      faults.add(
          "obolus.audit.public-keys-file cannot be read: "
              + file
              + ". Copy the file there that obolus audit keygen --public wrote for the log's signer.");
    }
  }

  private static boolean isReadable(String file) {
    try {
      return Files.isReadable(Path.of(file));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private void issuedOnly(String name, boolean set) {
    if (set) {
      faults.add(
          "obolus."
              + name
              + " is set beside obolus.audit.enrolment-key-file: a gateway whose keys are issued holds no other; leave it to the log's signer.");
    }
  }

  private void either(boolean inVault, String file, String name, String what) {
    if (!inVault) {
      need(file, what);
    } else if (!given(file).isBlank()) {
      faults.add(
          "obolus.%s and obolus.audit.vault.%s are both set: which is it?".formatted(file, name));
    }
  }

  private void need(String name, String what) {
    if (given(name).isBlank()) {
      faults.add("obolus." + name + " is not set: it names " + what + ".");
    }
  }

  private String given(String name) {
    return environment.getProperty("obolus." + name, "");
  }

  private void operatorsHaveTheirOwnAudience() {
    if (identity.audiences().contains(given("operator.audience"))) {
      faults.add("obolus.operator.audience is one of the agents' audiences; it must be its own.");
    }
  }

  private void theListenerIsSafe() {
    String address = environment.getProperty("server.address", "0.0.0.0");
    boolean tls =
        environment.containsProperty("server.ssl.bundle")
            || environment.containsProperty("server.ssl.certificate")
            || environment.containsProperty("server.ssl.key-store");
    boolean off = environment.getProperty("server.ssl.enabled", "true").equals("false");
    if (!Hosts.isLoopback(address) && (!tls || off) && !identity.sandbox()) {
      faults.add(
          "server.address is not loopback and server.ssl is not set: callers' tokens would travel in clear.");
    }
  }

  private void peersAreSafe() {
    settings
        .obolus()
        .forEach((name, value) -> {
          Optional<URI> address = address(value);
          if (address.filter(this::isForbiddenPlain).isPresent()) {
            faults.add(
                "obolus."
                    + name
                    + " is plain http to a host that is neither loopback nor in obolus.http-allowed-hosts.");
          }
        });
    settings
        .tlsProtocols()
        .forEach((name, protocols) -> {
          if (OLD_TLS.matcher(protocols).matches()) {
            faults.add(name + " allows less than TLS 1.2.");
          }
        });
  }

  private boolean isForbiddenPlain(URI address) {
    return "http".equalsIgnoreCase(address.getScheme())
        && !gateway.mayBePlain(String.valueOf(address.getHost()));
  }

  /** Where anybody may be anybody, nothing real may be within reach. */
  private void theDemoIsConfined() {
    gateway.httpAllowedHosts().stream()
        .filter(host -> !Hosts.isNear(host))
        .sorted()
        .forEach(host ->
            faults.add(
                "obolus.http-allowed-hosts names "
                    + host
                    + ", but obolus.identity.issuer is the sandbox's: a demo may allow itself only"
                    + " names of one word and private addresses."));
    settings
        .obolus()
        .forEach((name, value) -> {
          Optional<String> host =
              name.endsWith("host")
                  ? Optional.of(address(value).map(URI::getHost).orElse(value))
                  : address(value).map(URI::getHost);
          boolean issuer = name.equals("identity.issuer");
          if (!issuer && host.filter(it -> !gateway.mayBePlain(it)).isPresent()) {
            faults.add(
                "obolus."
                    + name
                    + " is a foreign host, but obolus.identity.issuer is the sandbox's: a demo reaches nothing but itself.");
          }
        });
  }

  private void factsAreNotAFolder() {
    for (String name : List.of("policy.facts", "policy.sources")) {
      if (!given(name).isBlank()) {
        faults.add(
            "obolus."
                + name
                + " is set: only a demo loads policy from a folder; elsewhere it is part of a reviewed revision.");
      }
    }
  }

  private void nobodyTalks() {
    TALKATIVE.keySet().stream()
        .sorted()
        .filter(talks)
        .forEach(logger ->
            faults.add(
                "logging.level." + logger + " is so low that tokens would be written to the log."));
    for (String property :
        List.of("spring.http.codecs.log-request-details", "spring.codec.log-request-details")) {
      if (environment.getProperty(property, "false").toLowerCase(Locale.ROOT).equals("true")) {
        faults.add(property + " writes headers to the log.");
      }
    }
    if (environment.containsProperty("jdk.httpclient.HttpClient.log")) {
      faults.add("jdk.httpclient.HttpClient.log writes headers to the log.");
    }
  }

  private static Optional<URI> address(String value) {
    if (!value.regionMatches(true, 0, "http://", 0, 7)
        && !value.regionMatches(true, 0, "https://", 0, 8)) {
      return Optional.empty();
    }
    try {
      return Optional.of(URI.create(value.replace("{tenantid}", "t")));
    } catch (IllegalArgumentException notAnAddress) {
      return Optional.empty();
    }
  }
}
