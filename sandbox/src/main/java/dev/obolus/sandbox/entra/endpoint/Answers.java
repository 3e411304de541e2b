// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import dev.obolus.sandbox.entra.Delegation;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.Directory.User;
import dev.obolus.sandbox.entra.Tokens;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The token endpoint's answers: an access token, and beside it what the scopes asked for. */
final class Answers {
  private final Tokens tokens;
  private final SignIns signIns;

  Answers(Tokens tokens, SignIns signIns) {
    this.tokens = tokens;
    this.signIns = signIns;
  }

  ObjectNode application(String token, Wanted wanted) {
    return plain(token, wanted);
  }

  ObjectNode delegated(Asked asked, Delegation delegation, Wanted wanted, String nonce) {
    ObjectNode answer = plain(tokens.forUser(delegation), wanted);
    answer.put("scope", wanted.echo());
    if (wanted.offline()) {
      answer.put(
          "refresh_token",
          signIns.refreshToken(
              new SignIns.SignedIn(delegation.user(), delegation.client(), delegation.signIn())));
    }
    if (wanted.openid()) {
      answer.put(
          "id_token",
          tokens.idToken(delegation.user(), delegation.client(), nonce.isEmpty() ? null : nonce));
    }
    if (asked.field("client_info").equals("1")) {
      answer.put("client_info", clientInfo(delegation.user()));
    }
    return answer;
  }

  private ObjectNode plain(String token, Wanted wanted) {
    long seconds = Math.max(1, tokens.life(wanted.resource()).toSeconds() - 1);
    return JsonMapper.shared()
        .createObjectNode()
        .put("token_type", "Bearer")
        .put("expires_in", seconds)
        .put("ext_expires_in", seconds)
        .put("access_token", token);
  }

  /** A guest's account is that of his own tenant. */
  private static String clientInfo(User user) {
    User atHome = Directory.user(user.atHome()).orElse(user);
    String json = "{\"uid\":\"" + atHome.objectId() + "\",\"utid\":\"" + atHome.tenant() + "\"}";
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.US_ASCII));
  }
}
