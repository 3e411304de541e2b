// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.fsck.VerifierKey;
import dev.obolus.audit.personal.FileKeyEncryption;
import dev.obolus.audit.personal.KeyEncryption;
import dev.obolus.gateway.azure.LogVault;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The log's keys, wherever each is: a file, a PKCS #12 file, or Azure Key Vault. Blocks, and is for
 * the start.
 */
final class LogKeys {
  private final AuditSettings settings;
  private final LogVault vault;

  LogKeys(AuditSettings settings, LogVault vault) {
    this.settings = settings;
    this.vault = vault;
  }

  /** The root key and the one before it. */
  Keyring keyring() throws IOException {
    return new Keyring(root(), previous().stream().toList(), settings.revokedKeys());
  }

  private RootKey root() throws IOException {
    Optional<String> kept = vault.root();
    if (kept.isPresent()) {
      return RootKey.parse(kept.get(), "obolus.audit.vault.root");
    }
    return read(AuditConfiguration.required(settings.rootKeyFile(), "obolus.audit.root-key-file"));
  }

  private Optional<RootKey> previous() throws IOException {
    Optional<String> kept = vault.previousRoot();
    if (kept.isPresent()) {
      return Optional.of(RootKey.parse(kept.get(), "obolus.audit.vault.previous-root"));
    }
    Path file = settings.previousRootKeyFile();
    return file == null ? Optional.empty() : Optional.of(read(file));
  }

  private RootKey read(Path file) throws IOException {
    return isPkcs12(file) ? RootKey.read(file, password()) : RootKey.read(file);
  }

  /** The same keys for the verifier, which reads them by code of its own. */
  List<VerifierKey> verifiers() throws IOException {
    List<VerifierKey> roots = new ArrayList<>();
    verifier(vault.root(), settings.rootKeyFile()).ifPresent(roots::add);
    verifier(vault.previousRoot(), settings.previousRootKeyFile()).ifPresent(roots::add);
    return roots;
  }

  private Optional<VerifierKey> verifier(Optional<String> kept, @Nullable Path file)
      throws IOException {
    if (kept.isPresent()) {
      return Optional.of(VerifierKey.parse(kept.get(), "obolus.audit.vault"));
    }
    if (file == null) {
      return Optional.empty();
    }
    return Optional.of(
        isPkcs12(file) ? VerifierKey.read(file, password()) : VerifierKey.read(file));
  }

  private static boolean isPkcs12(Path file) {
    return file.toString().endsWith(".p12");
  }

  private Path password() {
    return AuditConfiguration.required(
        settings.rootKeyPasswordFile(), "obolus.audit.root-key-password-file");
  }

  /** What wraps the keys of persons' values; it answered once. */
  KeyEncryption values(SecureRandom random) throws IOException {
    Optional<KeyEncryption> kept = vault.valueKey(random);
    KeyEncryption encryption =
        kept.isPresent()
            ? kept.get()
            : new FileKeyEncryption(
                AuditConfiguration.required(settings.valueKeyFile(), "obolus.audit.value-key-file"),
                random);
    String _ = encryption.version();
    return encryption;
  }
}
