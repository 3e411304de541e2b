// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.azure.AzureSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who this is in Azure, where that is needed: one of the four credentials. */
final class AzureOptions {
  @Option(
      names = "--azure-authority",
      paramLabel = "URL",
      defaultValue = "${env:AZURE_AUTHORITY_HOST}",
      description = "where Entra is (or AZURE_AUTHORITY_HOST; the public cloud)")
  private @Nullable URI authority;

  @Option(
      names = "--azure-tenant",
      paramLabel = "ID",
      defaultValue = "${env:AZURE_TENANT_ID}",
      description = "the application's tenant (or AZURE_TENANT_ID)")
  private @Nullable String tenant;

  @Option(
      names = "--azure-client-id",
      paramLabel = "ID",
      defaultValue = "${env:AZURE_CLIENT_ID}",
      description = "the application (or AZURE_CLIENT_ID)")
  private @Nullable String clientId;

  @Option(
      names = "--azure-client-secret-file",
      paramLabel = "FILE",
      description = "its secret, 0600")
  private @Nullable Path secret;

  @Option(
      names = "--azure-certificate-file",
      paramLabel = "FILE",
      description = "its key and certificate in PEM, 0600")
  private @Nullable Path certificate;

  @Option(
      names = "--azure-federated-token-file",
      paramLabel = "FILE",
      description = "a token that the platform projects (or AZURE_FEDERATED_TOKEN_FILE)")
  private @Nullable Path federated;

  @Option(
      names = "--azure-managed-identity",
      paramLabel = "ID",
      description = "system, or the client id of a user-assigned identity")
  private @Nullable String managed;

  /** Empty where nothing says who this is. */
  Optional<AzureSettings> settings() {
    boolean other = Stream.of(secret, certificate, federated, managed).anyMatch(Objects::nonNull);
    String projected = System.getenv("AZURE_FEDERATED_TOKEN_FILE");
    AzureSettings settings =
        new AzureSettings(
            authority,
            tenant,
            clientId,
            secret,
            certificate,
            other || projected == null ? federated : Path.of(projected),
            managed,
            false,
            null);
    return settings.given() ? Optional.of(settings) : Optional.empty();
  }

  /** Fails with a sentence where nothing does. */
  AzureSettings require() throws Unavailable {
    return settings()
        .orElseThrow(() ->
            new Unavailable(
                "nothing says who this is in Azure: --azure-managed-identity,"
                    + " --azure-certificate-file, --azure-client-secret-file or"
                    + " --azure-federated-token-file"));
  }
}
