// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.control;

import com.nimbusds.jwt.SignedJWT;
import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.endpoint.EntraApi;
import java.text.ParseException;
import java.util.Map;
import java.util.Optional;

/** Tokens without a sign-in: for the command line, the demo and tests. */
final class IssuedTokens {
  private final EntraApi entra;

  IssuedTokens(EntraApi entra) {
    this.entra = entra;
  }

  sealed interface Answer {}

  record Issued(String token, long seconds) implements Answer {}

  record Unknown(String sentence) implements Answer {}

  /**
   * Fields: {@code who} (a user, or an application for its own token), {@code agent} (through which
   * application), {@code resource} (for which API), {@code claims} (of a step-up, which the sign-in
   * then meets), {@code forged} (a fault that it shall have).
   */
  Answer issue(Map<String, String> fields) {
    String who = fields.getOrDefault("who", "");
    Optional<Directory.User> user = Directory.user(who);
    Optional<App> app = Directory.app(who);
    Optional<App> resource = Directory.app(fields.getOrDefault("resource", "gateway"));
    if (resource.filter(one -> one.appIdUri().isPresent()).isEmpty()) {
      return new Unknown("there is no API called " + fields.get("resource"));
    }
    String ordinary = resource.get().name().equals("operator") ? "console" : "finance-copilot";
    String agent = fields.getOrDefault("agent", ordinary);
    Optional<App> client = Directory.app(agent);
    if (client.isEmpty()) {
      return new Unknown("there is no agent called " + agent);
    } else if (user.isPresent()) {
      return forUser(user.get(), client.get(), resource.get(), fields);
    } else if (app.isPresent()) {
      return issued(entra.tokens().forApp(app.get(), resource.get()), resource.get());
    } else {
      return new Unknown("there is no user or client called " + who);
    }
  }

  private Answer forUser(
      Directory.User user, App client, App resource, Map<String, String> fields) {
    String token = entra.signedInToken(user, client, resource, fields.getOrDefault("claims", ""));
    String fault = fields.getOrDefault("forged", "");
    if (fault.isEmpty()) {
      return issued(token, resource);
    }
    try {
      return entra
          .forgeries(SignedJWT.parse(token).getJWTClaimsSet())
          .named(fault)
          .map(forged -> issued(forged, resource))
          .orElseGet(() -> new Unknown("there is no fault called " + fault));
    } catch (ParseException e) {
      throw new IllegalStateException("not a token of ours", e);
    }
  }

  private Answer issued(String token, App resource) {
    return new Issued(token, entra.tokens().life(resource).toSeconds());
  }
}
