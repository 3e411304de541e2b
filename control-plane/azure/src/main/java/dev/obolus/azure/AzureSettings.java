// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.azure;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How Obolus shows Azure who it is; one of the four credentials.
 *
 * @param authority where Entra is reached; the public cloud if null
 * @param tenant of the application; not for a managed identity
 * @param clientId of the application; not for a managed identity
 * @param clientSecretFile readable by its owner only; or
 * @param certificateFile a PEM file with key and certificates, readable by its owner only; or
 * @param federatedTokenFile a token that the platform projects; or
 * @param managedIdentity {@code system}, or the client id of a user-assigned one
 * @param sendCertificateChain whether {@code x5c} is sent
 * @param timeout of one attempt; 5 seconds if null
 */
public record AzureSettings(
    @Nullable URI authority,
    @Nullable String tenant,
    @Nullable String clientId,
    @Nullable Path clientSecretFile,
    @Nullable Path certificateFile,
    @Nullable Path federatedTokenFile,
    @Nullable String managedIdentity,
    boolean sendCertificateChain,
    @Nullable Duration timeout) {
  private static final URI PUBLIC = URI.create("https://login.microsoftonline.com");
  private static final Duration USUAL = Duration.ofSeconds(5);

  /** The same, in the cloud of this authority where none is named. */
  public AzureSettings at(URI usual) {
    return new AzureSettings(
        authority == null ? usual : authority,
        tenant,
        clientId,
        clientSecretFile,
        certificateFile,
        federatedTokenFile,
        managedIdentity,
        sendCertificateChain,
        timeout);
  }

  /** Whether any credential is named. */
  public boolean given() {
    return credentials() > 0;
  }

  URI reached() {
    return Objects.requireNonNullElse(authority, PUBLIC);
  }

  Duration patience() {
    return Objects.requireNonNullElse(timeout, USUAL);
  }

  /** Which cloud this is. */
  public Cloud cloud() {
    return Cloud.of(reached());
  }

  private long credentials() {
    return Stream.of(clientSecretFile, certificateFile, federatedTokenFile, managedIdentity)
        .filter(Objects::nonNull)
        .count();
  }

  /**
   * Fails where it is not clear who this is.
   *
   * @throws IllegalArgumentException with a sentence
   */
  public void require() {
    if (credentials() != 1) {
      throw new IllegalArgumentException(
          "give one of obolus.azure.client-secret-file, certificate-file, federated-token-file and"
              + " managed-identity");
    }
    if (managedIdentity == null
        && (tenant == null || tenant.isBlank() || clientId == null || clientId.isBlank())) {
      throw new IllegalArgumentException(
          "obolus.azure.tenant and obolus.azure.client-id say which application this is");
    }
  }
}
