// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.azure;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.obolus.sandbox.Sandbox;
import dev.obolus.sandbox.SandboxDatabase;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a process of its own, since a platform speaks by the process's environment. */
class ManagedIdentityTest {
  @TempDir static Path data;
  private static Sandbox sandbox;

  @BeforeAll
  static void start() throws Exception {
    sandbox = SandboxDatabase.start(TestPostgres.own(), data);
  }

  @AfterAll
  static void stop() throws Exception {
    sandbox.close();
  }

  @Test
  void aVirtualMachineGivesAToken() throws Exception {
    assertThat(whose(asked("system", virtualMachine())))
        .isEqualTo(Directory.GATEWAY_IDENTITY + " for https://vault.azure.net");
  }

  @Test
  void appServiceGivesATokenOfTheUserAssignedIdentity() throws Exception {
    Map<String, String> appService =
        Map.of(
            "IDENTITY_ENDPOINT",
            sandbox.url() + "/metadata/identity/oauth2/token",
            "IDENTITY_HEADER",
            "whatever the platform says");
    assertThat(whose(asked(Directory.GATEWAY_IDENTITY, appService)))
        .isEqualTo(Directory.GATEWAY_IDENTITY + " for https://vault.azure.net");
  }

  @Test
  void anIdentityThatIsNotAssignedIsSaidSo() throws Exception {
    assertThat(asked(Directory.NIGHTLY_JOB, virtualMachine()))
        .startsWith("own_credential_refused: ")
        .contains("obolus.azure.managed-identity");
  }

  @Test
  void whereNoPlatformAnswersItIsUnavailable() throws Exception {
    assertThat(asked("system", Map.of("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1")))
        .startsWith("own_identity_unavailable: ");
  }

  private static Map<String, String> virtualMachine() {
    return Map.of("AZURE_POD_IDENTITY_AUTHORITY_HOST", sandbox.url());
  }

  private static String whose(String token) throws Exception {
    var claims = SignedJWT.parse(token).getJWTClaimsSet();
    return claims.getStringClaim("appid") + " for " + claims.getAudience().getFirst();
  }

  private static String asked(String identity, Map<String, String> environment)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Asking.class.getName(),
                identity));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).isZero();
    return said.substring(said.lastIndexOf('\n') + 1);
  }

  /** Prints a token, or why there is none. */
  static final class Asking {
    private Asking() {}

    public static void main(String[] arguments) throws IOException {
      AzureSettings settings =
          new AzureSettings(
              null, null, null, null, null, null, arguments[0], false, Duration.ofSeconds(5));
      try (Http http = new Http();
          AppTokens tokens = new AppTokens(settings, http, InstantSource.system())) {
        System.out.println(tokens.await(tokens.token("https://vault.azure.net")).reveal());
      } catch (AppTokenFailure failure) {
        System.out.println(failure.getMessage());
      }
    }
  }
}
