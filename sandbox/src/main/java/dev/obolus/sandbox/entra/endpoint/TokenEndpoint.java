// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import dev.obolus.sandbox.entra.EntraError.Refused;
import dev.obolus.sandbox.entra.rules.Call;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Base64;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Reads a form, answers with a token or a refusal, and tells the journal before it answers. */
final class TokenEndpoint {
  private final Grants grants;
  private final EntraApi.Observer observer;
  private final Clock clock;

  TokenEndpoint(Grants grants, EntraApi.Observer observer, Clock clock) {
    this.grants = grants;
    this.observer = observer;
    this.clock = clock;
  }

  void answer(Wire wire, String segment) throws IOException, Gate.Disturbed {
    Map<String, String> form = wire.form();
    basic(wire.header("Authorization"), form);
    var asked = new Asked(segment, form);
    try {
      ObjectNode answer = grants.grant(asked);
      saw(wire, asked, asked.person(), 200, 0);
      wire.json(200, answer);
    } catch (Refused refused) {
      saw(wire, asked, Call.UNKNOWN, refused.why().status(), refused.why().aadsts());
      wire.json(
          refused.why().status(),
          refused.why().json(wire.trace(), wire.correlation(), clock.instant()));
    } catch (Gate.Disturbed disturbed) {
      saw(wire, asked, Call.UNKNOWN, disturbed.status(), 0);
      throw disturbed;
    }
  }

  private void saw(Wire wire, Asked asked, String person, int status, int aadsts) {
    observer.saw(new EntraApi.Seen(asked.call(), person, status, aadsts, wire.correlation()));
  }

  private static void basic(String header, Map<String, String> form) {
    if (!header.startsWith("Basic ")) {
      return;
    }
    String pair =
        new String(
            Base64.getDecoder().decode(header.substring("Basic ".length()).strip()),
            StandardCharsets.UTF_8);
    int colon = pair.indexOf(':');
    if (colon > 0) {
      form.put("client_id", URLDecoder.decode(pair.substring(0, colon), StandardCharsets.UTF_8));
      form.put(
          "client_secret", URLDecoder.decode(pair.substring(colon + 1), StandardCharsets.UTF_8));
    }
  }
}
