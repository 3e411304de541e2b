// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import dev.obolus.connector.Subject;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Who asks, from a verified token.
 *
 * <p>Guarantees: only a {@link UserCaller} has a {@link Subject}, so nothing can be exchanged for
 * an application.
 */
public sealed interface Caller {

  Facts facts();

  /** A person, through a client application. */
  record UserCaller(Subject subject, Facts facts) implements Caller {}

  /** An application on its own: known, and refused unless an operation is declared user-less. */
  record AppCaller(Facts facts) implements Caller {}

  /**
   * What the token says.
   *
   * @param tenant {@code tid}; with {@code objectId} the only key of a caller
   * @param objectId {@code oid}
   * @param client {@code azp} or {@code appid}
   * @param publicClient {@code azpacr} or {@code appidacr} is 0
   * @param groupsComplete false on overage
   * @param guest absent where the token does not tell
   * @param homeTenant a guest's own, where it is an Entra tenant and the token names it
   * @param blueprint of which the acting agent identity was made: to classify by, not to allow by
   * @param signedInAt when the person last signed in: {@code auth_time}
   * @param addresses by which others may name the person: sign-in names and mail, in lower case, as
   *     far as the token tells them; for comparing only
   * @param tokenId {@code uti}
   */
  record Facts(
      String tenant,
      String objectId,
      String client,
      Strength strength,
      boolean publicClient,
      Set<String> groups,
      boolean groupsComplete,
      Set<String> roles,
      Set<String> scopes,
      Set<String> acrs,
      Set<String> capabilities,
      Optional<Boolean> guest,
      Optional<String> homeTenant,
      Optional<String> blueprint,
      Optional<Instant> signedInAt,
      Set<String> addresses,
      Optional<String> tokenId,
      Instant expiresAt) {
    public Facts {
      groups = Set.copyOf(groups);
      roles = Set.copyOf(roles);
      scopes = Set.copyOf(scopes);
      acrs = Set.copyOf(acrs);
      capabilities = Set.copyOf(capabilities);
      addresses = Set.copyOf(addresses);
    }

    /** The same, with all the groups known. */
    public Facts with(Set<String> allGroups) {
      return new Facts(
          tenant,
          objectId,
          client,
          strength,
          publicClient,
          allGroups,
          true,
          roles,
          scopes,
          acrs,
          capabilities,
          guest,
          homeTenant,
          blueprint,
          signedInAt,
          addresses,
          tokenId,
          expiresAt);
    }
  }

  /** How well the acting agent is known. */
  enum Strength {
    VERIFIED_AGENT("verified-agent"),
    CLIENT_APP("client-app");

    private final String word;

    Strength(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }
}
