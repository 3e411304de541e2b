// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * An application's registration.
 *
 * @param appIdUri where it is an API
 * @param scopes what it exposes
 * @param confidential it has a secret
 * @param signsIn it has reply addresses: a person can sign in to it
 * @param tenants where it is installed
 * @param blueprint of an agent identity: the client id of what it was made from
 */
public record App(
    String clientId,
    String name,
    Optional<String> appIdUri,
    List<String> scopes,
    boolean confidential,
    boolean signsIn,
    Set<String> tenants,
    Optional<String> blueprint) {

  public App {
    scopes = List.copyOf(scopes);
    tenants = Set.copyOf(tenants);
  }

  static App of(String clientId, String name) {
    return new App(
        clientId,
        name,
        Optional.empty(),
        List.of(),
        false,
        false,
        Set.of(Directory.TENANT),
        Optional.empty());
  }

  App api(String uri, String... exposed) {
    return new App(
        clientId,
        name,
        Optional.of(uri),
        List.of(exposed),
        confidential,
        signsIn,
        tenants,
        blueprint);
  }

  /** With a secret of its own. */
  App keeping() {
    return new App(clientId, name, appIdUri, scopes, true, signsIn, tenants, blueprint);
  }

  App signingIn() {
    return new App(clientId, name, appIdUri, scopes, confidential, true, tenants, blueprint);
  }

  /** Installed in these tenants too. */
  App in(String... more) {
    Set<String> all = new TreeSet<>(tenants);
    all.addAll(List.of(more));
    return new App(clientId, name, appIdUri, scopes, confidential, signsIn, all, blueprint);
  }

  App madeFrom(String blueprintId) {
    return new App(
        clientId, name, appIdUri, scopes, confidential, signsIn, tenants, Optional.of(blueprintId));
  }

  boolean isApi() {
    return appIdUri.isPresent();
  }

  public boolean isIn(Directory.Tenant tenant) {
    return tenants.contains(tenant.id());
  }

  /** Whether it has this scope, by its name alone. */
  public boolean exposes(String scope) {
    return scope.equals(".default") || scopes.contains(scope);
  }

  /** The object that stands for it in a tenant. */
  public String servicePrincipal() {
    return clientId.replace("-8000-", "-9000-");
  }
}
