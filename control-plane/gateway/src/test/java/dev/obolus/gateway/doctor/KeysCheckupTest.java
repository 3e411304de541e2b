// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.gateway.doctor.Finding.Severity;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** What the doctor says of the log's keys in a gateway. */
class KeysCheckupTest {
  private static final String SANDBOX = "https://entra.obolus.test/{tenantid}/v2.0";

  @Test
  void aGatewayThatHoldsTheRootKeyIsWarnedOf() {
    Finding found = examine(Map.of("obolus.audit.root-key-file", "/keys/root.key"));
    assertThat(found.severity()).isEqualTo(Severity.WARNING);
    assertThat(found.sentence()).contains("holds the log's root key");
    assertThat(found.remedy()).contains("obolus.audit.enrolment-key-file");
  }

  @Test
  void aDemoMayHoldAll() {
    Finding found =
        examine(
            Map.of(
                "obolus.audit.root-key-file", "/keys/root.key", "obolus.identity.issuer", SANDBOX));
    assertThat(found.severity()).isEqualTo(Severity.OK);
  }

  @Test
  void aGatewayWhoseKeysAreIssuedIsWell() {
    Finding found =
        examine(
            Map.of(
                "obolus.audit.enrolment-key-file",
                "/enrolment/gateway.key",
                "obolus.audit.public-keys-file",
                "/enrolment/checkpoint.pub"));
    assertThat(found.severity()).isEqualTo(Severity.OK);
    assertThat(found.sentence()).contains("own chains' keys only");
  }

  @Test
  void aGatewayThatCanCheckNoProposalIsAFault() {
    Finding found = examine(Map.of("obolus.audit.enrolment-key-file", "/enrolment/gateway.key"));
    assertThat(found.severity()).isEqualTo(Severity.FAULT);
    assertThat(found.sentence()).contains("second_person_required");
    assertThat(found.remedy()).contains("obolus.audit.public-keys-file");
  }

  private static Finding examine(Map<String, Object> settings) {
    StandardEnvironment environment = new StandardEnvironment();
    environment.getPropertySources().addFirst(new MapPropertySource("given", settings));
    assertThat(new KeysCheckup(environment).examine()).hasSize(1);
    return new KeysCheckup(environment).examine().getFirst();
  }
}
