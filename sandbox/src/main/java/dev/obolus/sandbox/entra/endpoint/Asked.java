// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.EntraError;
import dev.obolus.sandbox.entra.EntraError.Refused;
import dev.obolus.sandbox.entra.endpoint.ClientProof.Proven;
import dev.obolus.sandbox.entra.rules.Call;
import java.util.Map;
import java.util.Optional;

/**
 * One request of the token endpoint. It gathers what becomes known about the call, so that rules
 * can ask for it and the journal can tell it.
 */
final class Asked {
  private final String segment;
  private final Map<String, String> form;
  private Call call;
  private String person = Call.UNKNOWN;

  /**
   * @param segment the first of the path: a tenant, or {@code common}
   */
  Asked(String segment, Map<String, String> form) {
    this.segment = segment;
    this.form = form;
    this.call = tenant().map(Call.of(kind(form))::in).orElseGet(() -> Call.of(kind(form)));
  }

  private static String kind(Map<String, String> form) {
    return switch (form.getOrDefault("grant_type", "")) {
      case "authorization_code" -> "code";
      case "refresh_token" -> "refresh";
      case "urn:ietf:params:oauth:grant-type:device_code", "device_code" -> "device";
      case "client_credentials" -> "client";
      case "urn:ietf:params:oauth:grant-type:jwt-bearer" -> "obo";
      default -> Call.UNKNOWN;
    };
  }

  String segment() {
    return segment;
  }

  Map<String, String> form() {
    return form;
  }

  String field(String name) {
    return form.getOrDefault(name, "");
  }

  Call call() {
    return call;
  }

  /** The object id of who the answer is for. */
  String person() {
    return person;
  }

  /** Empty under {@code common} and {@code organizations}. */
  Optional<Directory.Tenant> tenant() {
    return Directory.tenants().stream().filter(one -> one.id().equals(segment)).findFirst();
  }

  /** The tenant in which this user is asked for; a guest under {@code common} is at home. */
  Directory.User inTenant(Directory.User user) throws Refused {
    if (tenant().isEmpty()) {
      Directory.User atHome =
          user.kind() == Directory.Kind.GUEST ? Directory.user(user.atHome()).orElseThrow() : user;
      return known(atHome);
    }
    if (!user.tenant().equals(segment)) {
      throw EntraError.of(
              "invalid_grant",
              50020,
              "User account from identity provider does not exist in tenant and cannot access the application in that tenant.")
          .refused();
    }
    return known(user);
  }

  private Directory.User known(Directory.User user) {
    person = user.objectId();
    call = call.in(Directory.tenant(user.tenant()).orElseThrow()).of(user);
    return user;
  }

  void by(Proven client) {
    call = call.by(client.app(), client.credential());
  }

  void asApplication(App client) {
    person = client.servicePrincipal();
  }

  void to(App resource) {
    call = call.to(resource);
  }
}
