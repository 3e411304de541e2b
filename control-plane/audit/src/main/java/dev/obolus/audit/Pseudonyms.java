// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit;

import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * How a person is named in the log: a keyed pseudonym, the same for the same person, meaningless
 * once its key is gone.
 */
@FunctionalInterface
public interface Pseudonyms {

  /**
   * The pseudonym, {@code p-} and 32 hex digits; empty for a person whom the log does not know, or
   * whom it has forgotten.
   */
  Mono<Optional<String>> of(AuditEvent.Person person);
}
