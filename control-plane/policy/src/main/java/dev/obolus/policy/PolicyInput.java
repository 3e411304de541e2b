// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy;

import dev.obolus.terms.ActionClass;
import dev.obolus.terms.Lane;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.ResourceName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Input v1: what policy may know of one request and one resource. The JSON Schema {@code
 * input-v1.schema.json} says the same. A fact that is not known is absent from the JSON; labels,
 * owners and users' attributes are not input but {@code data.facts}.
 */
public record PolicyInput(
    SubjectFacts subject,
    ActorFacts actor,
    TokenFacts token,
    Claimed claimed,
    Action action,
    Optional<Resource> resource,
    Context context) {

  public static final int VERSION = 1;

  /**
   * @param kind {@code user} or {@code app}
   * @param id the object id; of an app, its service principal's
   * @param groupsComplete false where Entra said there are more groups than fit
   * @param guest absent where the token does not tell
   * @param homeTenant a guest's own, where the token names it
   */
  public record SubjectFacts(
      String kind,
      String tenant,
      String id,
      Set<String> groups,
      boolean groupsComplete,
      Set<String> roles,
      Optional<Boolean> guest,
      Optional<String> homeTenant) {}

  /**
   * @param client the verified calling application's id
   * @param strength {@code verified-agent · client-app}
   * @param publicClient the application proved itself by nothing
   * @param blueprint of which an agent identity was made: to classify by, not to allow by
   */
  public record ActorFacts(
      String client, String strength, boolean publicClient, Optional<String> blueprint) {}

  /**
   * @param id the token's own id ({@code uti}), absent where it has none
   */
  public record TokenFacts(
      Optional<String> id, Set<String> scopes, Set<String> acrs, Set<String> capabilities) {}

  /** What the agent says of itself: never proof of anything. */
  public record Claimed(
      Optional<String> purpose, Optional<String> conversation, List<String> via) {}

  /**
   * @param statementHash SHA-256 of the statement, hex
   * @param honours the obligations that the plan can meet
   */
  public record Action(
      String connector,
      String operation,
      ActionClass actionClass,
      Lane lane,
      Set<String> columns,
      int limit,
      Optional<String> statementHash,
      Set<Obligation.Kind> honours) {}

  public record Resource(ResourceName name) {}

  /**
   * @param environment the deployment's name, {@code demo} where the sandbox is trusted
   * @param clientRequestId ours, by which Entra and the source will know the call
   */
  public record Context(Instant time, String environment, String traceId, String clientRequestId) {}
}
