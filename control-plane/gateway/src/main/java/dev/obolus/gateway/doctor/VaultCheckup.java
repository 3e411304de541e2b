// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.doctor;

import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.personal.KeyEncryption;
import dev.obolus.audit.personal.KeyEncryption.Wrapped;
import dev.obolus.gateway.azure.LogVault;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.core.env.Environment;

/** Whether the log's keys in Key Vault are there, and do what they are for. */
final class VaultCheckup implements Checkup {
  private static final String WHAT = "key vault";
  private static final byte[] CONTEXT = {'d', 'o', 'c', 't', 'o', 'r'};

  private final Environment environment;

  VaultCheckup(Environment environment) {
    this.environment = environment;
  }

  @Override
  public List<Finding> examine() {
    try (LogVault vault = LogVault.of(environment)) {
      if (!vault.isUsed()) {
        return List.of(Finding.ok(WHAT, "None of the log's keys is in one."));
      }
      if (!vault.faults().isEmpty()) {
        return List.of(
            Finding.fault(WHAT, "It was not asked.", "Mend what is said of the settings first."));
      }
      List<Finding> findings = new ArrayList<>();
      findings.addAll(look("root key", () -> root(vault.root())));
      findings.addAll(look("previous root key", () -> root(vault.previousRoot())));
      findings.addAll(look("key-encryption key", () -> valueKey(vault)));
      return findings;
    }
  }

  private interface Look {
    /** Empty where it is not there. */
    Optional<String> see() throws IOException;
  }

  private static List<Finding> look(String which, Look look) {
    try {
      return look.see().map(seen -> Finding.ok(WHAT, "The " + which + " " + seen)).stream()
          .toList();
    } catch (IOException e) {
      return List.of(
          Finding.fault(
              WHAT,
              "The " + which + ": " + e.getMessage(),
              "What this code means stands in docs/identity.md."));
    }
  }

  private static Optional<String> root(Optional<String> kept) throws IOException {
    return kept.isEmpty()
        ? Optional.empty()
        : Optional.of("is " + RootKey.parse(kept.get(), "obolus.audit.vault").id() + ".");
  }

  private static Optional<String> valueKey(LogVault vault) throws IOException {
    SecureRandom random = new SecureRandom();
    Optional<KeyEncryption> writes = vault.valueKey(random);
    if (writes.isEmpty()) {
      return Optional.empty();
    }
    byte[] secret = new byte[32];
    random.nextBytes(secret);
    Wrapped wrapped = writes.get().wrap(secret, CONTEXT);
    // another one, which does not remember
    byte[] back = vault.valueKey(random).orElseThrow().unwrap(wrapped, CONTEXT);
    if (!MessageDigest.isEqual(secret, back)) {
      throw new IOException("what was wrapped is not what was unwrapped");
    }
    return Optional.of("wraps and unwraps; its version is " + wrapped.version() + ".");
  }
}
