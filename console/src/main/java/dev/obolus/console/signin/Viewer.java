// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.signin;

import dev.obolus.console.reading.People;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.web.server.WebSession;

/** The operator of this request, what the session remembers, and the token to act with. */
public record Viewer(
    Operator operator, Memory memory, OAuth2AccessToken token, WebSession session) {

  public People people() {
    return memory.people();
  }

  @Override
  public String toString() {
    return "Viewer[" + operator.id() + "]";
  }
}
