// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.doctor;

import dev.obolus.gateway.identity.IdentitySettings;
import java.util.List;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.ConfigurableEnvironment;

/** How much of the audit log could be sealed anew by whoever takes this gateway over. */
final class KeysCheckup implements Checkup {
  private static final String WHAT = "audit keys";

  private final ConfigurableEnvironment environment;

  KeysCheckup(ConfigurableEnvironment environment) {
    this.environment = environment;
  }

  @Override
  public List<Finding> examine() {
    boolean demo =
        Binder.get(environment).bindOrCreate("obolus.identity", IdentitySettings.class).sandbox();
    if (environment.containsProperty("obolus.audit.enrolment-key-file")) {
      if (environment.getProperty("obolus.audit.public-keys-file", "").isBlank()) {
        return List.of(
            Finding.fault(
                WHAT,
                "This gateway has neither the root key nor the log's public keys: nobody could"
                    + " agree to forget or prune anything here (second_person_required).",
                "Set obolus.audit.public-keys-file to the file that obolus audit keygen --public"
                    + " wrote for the log's signer: docs/operations.md."));
      }
      return List.of(
          Finding.ok(WHAT, "This gateway holds its own chains' keys only; they are issued to it."));
    }
    return List.of(
        demo
            ? Finding.ok(WHAT, "This demo's gateway holds all of them, as a demo may.")
            : Finding.warning(
                WHAT,
                "This gateway holds the log's root key: who takes it over can seal anew whatever no"
                    + " checkpoint covers that somebody else keeps.",
                "Run the log's signer, which alone holds it, and give the gateway"
                    + " obolus.audit.enrolment-key-file instead: docs/operations.md."));
  }
}
