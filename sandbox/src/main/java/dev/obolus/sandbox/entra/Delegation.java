// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import java.time.Instant;
import java.util.Set;

/**
 * What a delegated access token is made from.
 *
 * @param asked how the client named the resource: a version 1.0 token's audience
 * @param proof how the client showed who it is: 0 not at all, 1 by a secret, 2 by a certificate
 * @param capabilities what the client said it can do, such as {@code cp1}
 */
public record Delegation(
    Directory.User user,
    App client,
    App resource,
    String asked,
    int proof,
    SignIn signIn,
    Set<String> capabilities) {

  /** As if the user had just signed in by a password. */
  public static Delegation fresh(Directory.User user, App client, App resource, Instant now) {
    int proof = client.blueprint().isPresent() ? 2 : client.confidential() ? 1 : 0;
    return new Delegation(
        user, client, resource, resource.clientId(), proof, SignIn.plain(now), Set.of());
  }

  public Delegation after(SignIn better) {
    return new Delegation(user, client, resource, asked, proof, better, capabilities);
  }

  public Delegation by(Set<String> able) {
    return new Delegation(user, client, resource, asked, proof, signIn, able);
  }
}
