// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.client.WebClient;

/** The configured credentials, made. */
final class ClientCredentials {
  private final String clientId;
  private final WebClient http;
  private final Map<String, String> environment;
  private final Duration timeout;
  private final InstantSource clock;

  /**
   * @param environment that of the process, where a platform says how to reach a managed identity
   */
  ClientCredentials(
      String clientId,
      WebClient http,
      Map<String, String> environment,
      Duration timeout,
      InstantSource clock) {
    this.clientId = clientId;
    this.http = http;
    this.environment = environment;
    this.timeout = timeout;
    this.clock = clock;
  }

  List<ClientCredential> all(
      OboProperties.Credential primary, OboProperties.@Nullable Credential standby) {
    ClientCredential first = one("obolus.obo", primary);
    return standby == null ? List.of(first) : List.of(first, one("obolus.obo.standby", standby));
  }

  private ClientCredential one(String prefix, OboProperties.Credential given) {
    var made = new ArrayList<ClientCredential>();
    Path secret = given.clientSecretFile();
    if (secret != null) {
      made.add(new SecretCredential(secret));
    }
    Path certificate = given.certificateFile();
    if (certificate != null) {
      made.add(
          new CertificateCredential(clientId, certificate, given.sendCertificateChain(), clock));
    }
    Path projected = given.federatedTokenFile();
    if (projected != null) {
      made.add(new FederatedCredential(new WorkloadIdentityFile(projected, clock)));
    }
    String identity = given.managedIdentity();
    if (identity != null) {
      made.add(new FederatedCredential(managed(identity)));
    }
    if (made.size() != 1) {
      throw new IllegalArgumentException(
          "give one of %1$s.client-secret-file, certificate-file, federated-token-file and managed-identity"
              .formatted(prefix));
    }
    return made.getFirst();
  }

  private ManagedIdentity managed(String identity) {
    Optional<String> assigned = Optional.of(identity).filter(it -> !it.equals("system"));
    return new ManagedIdentity(http, assigned, environment, timeout, clock);
  }
}
