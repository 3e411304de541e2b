// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.doctor;

import dev.obolus.gateway.identity.IdentitySettings;
import dev.obolus.gateway.identity.IdentityUnavailable;
import dev.obolus.gateway.identity.IssuerProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.context.ApplicationContext;

/** Whether each served tenant's metadata and keys are there, and whose clock is wrong. */
final class IssuerCheckup implements Checkup {
  private static final String WHAT = "identity provider";
  private static final Duration TOLERATED = Duration.ofSeconds(30);

  private final ApplicationContext context;

  IssuerCheckup(ApplicationContext context) {
    this.context = context;
  }

  @Override
  public List<Finding> examine() {
    IdentitySettings settings = context.getBean(IdentitySettings.class);
    IssuerProbe probe = context.getBean(IssuerProbe.class);
    List<Finding> findings = new ArrayList<>();
    for (String tenant : settings.tenants().stream().sorted().toList()) {
      try {
        IssuerProbe.Seen seen = probe.look(tenant).blockOptional().orElseThrow();
        findings.add(
            Finding.ok(
                WHAT,
                "Tenant %s: %d signing keys of %s."
                    .formatted(tenant, seen.keys(), String.join(" and ", seen.issuers()))));
        findings.add(clock(seen.ahead()));
      } catch (IdentityUnavailable gone) {
        findings.add(
            Finding.fault(
                WHAT,
                "Tenant %s: its metadata or keys are not to be had from %s: %s."
                    .formatted(tenant, settings.authority(), gone.fact()),
                "Check obolus.identity.authority, obolus.identity.issuer and the network's way there."));
      }
    }
    return findings;
  }

  private static Finding clock(Duration ahead) {
    String by = ahead.abs().toSeconds() + " s";
    return ahead.abs().compareTo(TOLERATED) <= 0
        ? Finding.ok("clock", "This machine's clock and the provider's differ by " + by + ".")
        : Finding.fault(
            "clock",
            "This machine's clock is %s %s the provider's."
                .formatted(by, ahead.isNegative() ? "behind" : "ahead of"),
            "Set it by NTP: tokens are refused as expired or not yet valid.");
  }
}
