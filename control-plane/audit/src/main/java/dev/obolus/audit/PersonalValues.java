// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit;

import dev.obolus.audit.AuditEvent.Person;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * The log's personal values: shown, and made unreadable. Whoever calls this has decided that it may
 * be done, and records it.
 */
public interface PersonalValues {

  /** One value, checked against the commitment in the record's sealed bytes. */
  Mono<Revealed> reveal(Set<String> tenants, ChainId chain, long seq, Field field);

  /** What there is of a person, and of these e-mail addresses, in the person's tenant. */
  Mono<Erasable> find(Person person, List<String> addresses);

  /**
   * Destroys the keys that an {@link AuditEvent.Erased} record names, wraps all others anew and
   * destroys the old key-encryption keys: copies of the database from before become unreadable.
   * Doing it again does no harm.
   *
   * @param erasure the record's receipt
   */
  Mono<Boolean> destroy(Receipt erasure);

  /** Which value. */
  enum Field {
    PERSON,
    STATEMENT,
    OBLIGATIONS,
    INPUTS;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
