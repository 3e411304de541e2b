// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.azure;

import dev.obolus.audit.personal.KeyEncryption;
import dev.obolus.azure.AppTokens;
import dev.obolus.azure.AzureSettings;
import dev.obolus.azure.Cloud;
import dev.obolus.azure.Http;
import dev.obolus.azure.vault.KeyVault;
import dev.obolus.azure.vault.VaultId;
import dev.obolus.azure.vault.VaultId.Kind;
import dev.obolus.azure.vault.VaultKeyEncryption;
import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * The log's keys that are in Azure Key Vault, by {@code obolus.audit.vault} and {@code
 * obolus.azure}. Blocks; asks nobody before a key is wanted.
 */
public final class LogVault implements AutoCloseable {
  private final Named named;
  private final Cloud cloud;
  private final AzureSettings identity;
  private @Nullable Wire wire;

  private LogVault(Named named, AzureSettings identity) {
    this.named = named;
    this.identity = identity;
    this.cloud = identity.cloud();
  }

  /**
   * {@code obolus.audit.vault}: identifiers; null where that key is a file.
   *
   * @param root a secret with its version: 64 hex digits
   * @param previousRoot likewise
   * @param valueKey an RSA key, without a version
   */
  record Named(@Nullable String root, @Nullable String previousRoot, @Nullable String valueKey) {}

  /** By these settings. */
  public static LogVault of(Environment environment) {
    Binder binder = Binder.get(environment);
    URI authority =
        binder
            .bind("obolus.identity.authority", URI.class)
            .orElseGet(() -> URI.create("https://login.microsoftonline.com"));
    return new LogVault(
        binder.bindOrCreate("obolus.audit.vault", Named.class),
        binder.bindOrCreate("obolus.azure", AzureSettings.class).at(authority));
  }

  /** Whether any of the log's keys is there. */
  public boolean isUsed() {
    return named.root != null || named.previousRoot != null || named.valueKey != null;
  }

  /** Whether the root key is a secret there. */
  public boolean holdsRoot() {
    return named.root != null;
  }

  /** Whether it wraps the keys of persons' values. */
  public boolean holdsValueKey() {
    return named.valueKey != null;
  }

  /** What is there, for anybody to see. */
  public List<String> identifiers() {
    return java.util.stream.Stream.of(named.root, named.previousRoot, named.valueKey)
        .filter(Objects::nonNull)
        .toList();
  }

  /** The root key's text, and where it came from. */
  public Optional<String> root() throws IOException {
    return secret(named.root);
  }

  /** Likewise of the root key before it. */
  public Optional<String> previousRoot() throws IOException {
    return secret(named.previousRoot);
  }

  private Optional<String> secret(@Nullable String identifier) throws IOException {
    return identifier == null
        ? Optional.empty()
        : Optional.of(vault().secret(fixed("root", identifier)));
  }

  /** What wraps the keys of persons' values, if that is there. */
  public Optional<KeyEncryption> valueKey(SecureRandom random) {
    return named.valueKey == null
        ? Optional.empty()
        : Optional.of(
            new VaultKeyEncryption(
                vault(),
                VaultId.parse(named.valueKey, Kind.KEY, cloud),
                random,
                InstantSource.system()));
  }

  /** Each fault of these settings in a sentence; nobody is asked. */
  public List<String> faults() {
    List<String> faults = new ArrayList<>();
    examine(faults, "root", named.root, Kind.SECRET);
    examine(faults, "previous-root", named.previousRoot, Kind.SECRET);
    examine(faults, "value-key", named.valueKey, Kind.KEY);
    if (isUsed()) {
      try {
        identity.require();
      } catch (IllegalArgumentException e) {
        faults.add("obolus.audit.vault is set, and " + e.getMessage() + ".");
      }
    }
    return faults;
  }

  private void examine(List<String> faults, String name, @Nullable String identifier, Kind kind) {
    if (identifier == null) {
      return;
    }
    try {
      VaultId id = VaultId.parse(identifier, kind, cloud);
      if (id.version().isEmpty() != (kind == Kind.KEY)) {
        throw new IllegalArgumentException(
            kind == Kind.KEY
                ? "name the key without a version: forgetting somebody makes a new one"
                : "name the secret with its version: another root key is another log's");
      }
    } catch (IllegalArgumentException e) {
      faults.add("obolus.audit.vault." + name + ": " + e.getMessage() + ".");
    }
  }

  private VaultId fixed(String name, String identifier) {
    VaultId id = VaultId.parse(identifier, Kind.SECRET, cloud);
    if (id.version().isEmpty()) {
      throw new IllegalArgumentException("obolus.audit.vault." + name + " names no version");
    }
    return id;
  }

  private KeyVault vault() {
    Wire known = wire;
    if (known == null) {
      var http = new Http();
      known = new Wire(http, new AppTokens(identity, http, InstantSource.system()));
      wire = known;
    }
    return new KeyVault(known.tokens, known.http);
  }

  private record Wire(Http http, AppTokens tokens) {}

  @Override
  public void close() {
    Wire known = wire;
    if (known != null) {
      known.tokens.close();
      known.http.close();
    }
  }
}
