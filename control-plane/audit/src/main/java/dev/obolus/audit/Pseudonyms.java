// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit;

/**
 * How a person is named in the log: a keyed pseudonym, the same for the same person, meaningless
 * once its key is gone.
 */
public interface Pseudonyms {

  /** The pseudonym: {@code p-} and 32 hex digits. */
  String of(AuditEvent.Person person);
}
