// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.rules;

import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;

/**
 * A call as far as it is understood; {@code -} stands for what is not, or not yet.
 *
 * @param kind {@code code}, {@code refresh}, {@code device}, {@code client}, {@code obo}, {@code
 *     sign-in}, {@code devicecode}, {@code metadata} or {@code keys}
 * @param tenant by its name
 * @param credential {@code none}, {@code secret}, {@code certificate} or {@code federated}
 */
public record Call(
    String kind, String tenant, String user, String client, String resource, String credential) {
  public static final String UNKNOWN = "-";

  public static Call of(String kind) {
    return new Call(kind, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);
  }

  public Call in(Directory.Tenant known) {
    return new Call(kind, known.name(), user, client, resource, credential);
  }

  public Call of(Directory.User known) {
    return new Call(kind, tenant, known.name(), client, resource, credential);
  }

  public Call by(App known, String proof) {
    return new Call(kind, tenant, user, known.name(), resource, proof);
  }

  public Call to(App known) {
    return new Call(kind, tenant, user, client, known.name(), credential);
  }
}
