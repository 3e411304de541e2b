// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the two ways of registering the gateway ask Entra to put into its tokens. */
class RegistrationTest {
  private static final Path SCRIPT = Path.of("../../tools/entra/register.sh");
  private static final Path PAGE = Path.of("../../docs/identity.md");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "idtyp",
        "acct",
        "acrs",
        "xms_cc",
        "xms_sub_fct",
        "xms_act_fct",
        "xms_par_app_azp",
        "auth_time",
        "email",
        "upn"
      })
  void everyClaimThatIsReadAndThatEntraSendsOnlyOnRequestIsRequested(String claim)
      throws IOException {
    assertThat(Files.readString(SCRIPT)).contains("{\\\"name\\\": \\\"" + claim + "\\\"");
    assertThat(Files.readString(PAGE)).contains("@{ Name = '" + claim + "'");
  }

  /** Entra sends an administrator who consented to the application's own reply address. */
  @Test
  void theGatewaysApplicationHasAReplyAddressForWhoConsents() throws IOException {
    assertThat(Files.readString(SCRIPT)).contains("\\\"redirectUris\\\": [\\\"$console/\\\"]");
    assertThat(Files.readString(PAGE)).contains("RedirectUris = @(\"$console/\")");
  }

  @Test
  void bothWaysMakeAllFourApplicationsAndConsent() throws IOException {
    assertThat(Files.readString(SCRIPT).split("<<<\"\\$\\(create ", -1)).hasSize(5);
    assertThat(Files.readString(SCRIPT)).contains("preAuthorizedApplications", "admin-consent");
    assertThat(Files.readString(PAGE).split("= New-MgApplication ", -1)).hasSize(5);
    assertThat(Files.readString(PAGE))
        .contains("PreAuthorizedApplications", "New-MgOauth2PermissionGrant");
  }
}
