// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.DelegatedToken;
import dev.obolus.connector.RefusedExchange;
import dev.obolus.connector.SubjectToken;
import java.time.Duration;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * Exchanges a person's token for one that a single resource takes.
 *
 * <p>Guarantees: emits exactly one value and never an error; each subscription asks anew.
 */
interface OboExchange {

  Mono<Exchanged> exchange(Request request);

  /**
   * @param tenant the person's own, a GUID
   * @param scope one resource's
   * @param claims what a source wants the token to hold, as JSON
   */
  record Request(
      SubjectToken assertion,
      String tenant,
      String scope,
      Optional<String> claims,
      String clientRequestId) {}

  /** What came of it. */
  sealed interface Exchanged {

    /** The provider's own id of the exchange, where it told one. */
    Optional<String> correlationId();

    record Issued(DelegatedToken token, Duration expiresIn, Optional<String> correlationId)
        implements Exchanged {}

    /**
     * @param revoked what was issued to this person before is not to be used any longer
     * @param told what a caller may be told, where a provider was asked
     */
    record Refused(ConnectorFailure failure, boolean revoked, Optional<RefusedExchange> told)
        implements Exchanged {

      @Override
      public Optional<String> correlationId() {
        return told.flatMap(RefusedExchange::correlationId);
      }
    }
  }
}
