// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.azure;

import com.microsoft.aad.msal4j.ClientCredentialFactory;
import com.microsoft.aad.msal4j.ClientCredentialParameters;
import com.microsoft.aad.msal4j.ConfidentialClientApplication;
import com.microsoft.aad.msal4j.IAuthenticationResult;
import com.microsoft.aad.msal4j.IClientCredential;
import com.microsoft.aad.msal4j.ManagedIdentityApplication;
import com.microsoft.aad.msal4j.ManagedIdentityId;
import com.microsoft.aad.msal4j.ManagedIdentityParameters;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** What msal4j calls an application: it asks for tokens on the caller's thread, and keeps them. */
@FunctionalInterface
interface OwnApplication {

  /**
   * A token for the resource.
   *
   * @param anew not the kept one
   */
  CompletableFuture<IAuthenticationResult> acquire(String resource, boolean anew) throws Exception;

  /** Reads the credential; blocks. */
  static OwnApplication of(AzureSettings settings, Http http) throws IOException {
    settings.require();
    String identity = settings.managedIdentity();
    return identity == null ? registered(settings, http) : managed(identity, settings, http);
  }

  private static OwnApplication managed(String identity, AzureSettings settings, Http http) {
    ManagedIdentityApplication application =
        ManagedIdentityApplication.builder(
                identity.equals("system")
                    ? ManagedIdentityId.systemAssigned()
                    : ManagedIdentityId.userAssignedClientId(identity))
            .httpClient(new MsalTransport(http, settings.patience(), address -> address))
            .executorService(new OnTheSpot())
            .disableInternalRetries()
            .build();
    return (resource, anew) ->
        application.acquireTokenForManagedIdentity(
            ManagedIdentityParameters.builder(resource).forceRefresh(anew).build());
  }

  private static OwnApplication registered(AzureSettings settings, Http http) throws IOException {
    URI authority = settings.reached();
    String shown = "https://" + authority.getHost();
    String tenant = Objects.requireNonNull(settings.tenant());
    ConfidentialClientApplication application =
        ConfidentialClientApplication.builder(
                Objects.requireNonNull(settings.clientId()), credential(settings))
            .authority(shown + "/" + tenant + "/")
            .instanceDiscovery(false)
            .sendX5c(settings.sendCertificateChain())
            .httpClient(
                new MsalTransport(
                    http, settings.patience(), address -> authority.resolve(address.getRawPath())))
            .executorService(new OnTheSpot())
            .disableInternalRetries()
            .build();
    return (resource, anew) ->
        application.acquireToken(
            ClientCredentialParameters.builder(Set.of(resource + "/.default"))
                .skipCache(anew)
                .build());
  }

  private static IClientCredential credential(AzureSettings settings) throws IOException {
    Path secret = settings.clientSecretFile();
    if (secret != null) {
      return ClientCredentialFactory.createFromSecret(OwnersFile.read(secret));
    }
    Path certificate = settings.certificateFile();
    if (certificate != null) {
      CertificateFile pem = CertificateFile.read(certificate);
      return ClientCredentialFactory.createFromCertificateChain(pem.key(), pem.chain());
    }
    Path projected = Objects.requireNonNull(settings.federatedTokenFile());
    // the platform replaces it; who may read it is the platform's matter
    return ClientCredentialFactory.createFromCallback(() -> Files.readString(projected).strip());
  }
}
