// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import dev.obolus.sandbox.entra.EntraError;
import dev.obolus.sandbox.entra.EntraError.Refused;
import dev.obolus.sandbox.entra.SignIn;
import dev.obolus.sandbox.entra.rules.Call;
import dev.obolus.sandbox.entra.rules.Rules;
import dev.obolus.sandbox.entra.rules.Then;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Where the rules are asked: nothing is issued or shown before a call has passed. */
final class Gate {
  private final Rules rules;
  private final Clock clock;

  Gate(Rules rules, Clock clock) {
    this.rules = rules;
    this.clock = clock;
  }

  /** A rule wants something other than an answer of ours. */
  static final class Disturbed extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Then how;

    private Disturbed(Then how) {
      super("by a rule", null, false, false);
      this.how = how;
    }

    Then how() {
      return how;
    }

    /** 0 where no answer comes. */
    int status() {
      return switch (how) {
        case Then.Refuse refuse -> refuse.error().status();
        case Then.Page page -> page.status();
        case Then.Hang _, Then.Drip _, Then.Require _ -> 0;
      };
    }
  }

  void pass(Call call, SignIn signIn) throws Refused, Disturbed {
    Then then = rules.check(call, signIn, clock.instant()).orElse(null);
    switch (then) {
      case null -> {}
      case Then.Refuse(EntraError error, Map<String, String> headers) -> {
        if (headers.isEmpty()) {
          throw error.refused();
        }
        throw new Disturbed(then);
      }
      case Then.Require _, Then.Page _, Then.Hang _, Then.Drip _ -> throw new Disturbed(then);
    }
  }

  /** What a challenge wants must have been met by the sign-in: no token is got by repeating it. */
  void requireClaims(ClaimsRequest wanted, SignIn signIn) throws Refused {
    if (!signIn.met().containsAll(rules.wantedBy(wanted.policies()))) {
      throw interaction("capolids", wanted.policies());
    } else if (!signIn.contexts().containsAll(wanted.contexts())) {
      throw interaction("acrs", wanted.contexts());
    }
  }

  private static Refused interaction(String claim, Set<String> wanted) {
    String values =
        wanted.stream().sorted().map(one -> '"' + one + '"').collect(Collectors.joining(","));
    return EntraError.of(
            "interaction_required",
            50076,
            "Due to a configuration change made by your administrator, you must use multi-factor authentication to access the resource.")
        .because("basic_action")
        .asking(
            "{\"access_token\":{\"%s\":{\"essential\":true,\"values\":[%s]}}}"
                .formatted(claim, values))
        .refused();
  }
}
