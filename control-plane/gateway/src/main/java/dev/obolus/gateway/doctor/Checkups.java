// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.doctor;

import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.gateway.identity.IdentitySettings;
import dev.obolus.gateway.readiness.SettingsCheck;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/** All that is looked at, from the outside in. */
final class Checkups {
  private Checkups() {}

  static SequencedMap<String, Checkup> of(
      ConfigurableApplicationContext context, Function<Environment, DatabaseSettings> log) {
    ConfigurableEnvironment environment = context.getEnvironment();
    var checkups = new LinkedHashMap<String, Checkup>();
    checkups.put("settings", () -> settings(environment));
    checkups.put("identity provider", new IssuerCheckup(context));
    checkups.put(
        "audience",
        () -> new AudienceCheckup(context.getBean(IdentitySettings.class).audiences()).examine());
    checkups.put("gateway's credential", new CredentialCheckup(environment));
    checkups.put("token version", new TokenVersionCheckup(context));
    checkups.put("user's token", new TokenCheckup(context));
    checkups.put(
        "audit database",
        new DatabaseCheckup(
            () -> log.apply(environment),
            () -> environment.getProperty("obolus.audit.require-standby", Boolean.class, false)));
    checkups.put("key vault", new VaultCheckup(environment));
    checkups.put("audit keys", new KeysCheckup(environment));
    checkups.put("policy", new PolicyCheckup(environment));
    return checkups;
  }

  private static List<Finding> settings(ConfigurableEnvironment environment) {
    List<String> faults = SettingsCheck.faultsOf(environment);
    return faults.isEmpty()
        ? List.of(Finding.ok("settings", "The gateway would start with them."))
        : faults.stream()
            .map(fault ->
                Finding.fault("settings", fault, "The gateway refuses to start until then."))
            .toList();
  }
}
