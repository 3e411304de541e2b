// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector;

/** Hands out delegated access. The OBO primitive implements it; the mediator calls it. */
public interface DelegatedAccessProvider {

  /**
   * Access bound to this subject and to nobody else, for this connector's calls. Makes no call by
   * itself.
   */
  DelegatedAccess forSubject(
      Subject subject, ConnectorId connector, AuthorizedRequest.Correlation correlation);

  /**
   * The number of the newest purge that touches this subject's tokens for this connector. What was
   * learnt by such a token is void once the number is another. A purge is told of for an hour.
   */
  long generation(Subject subject, ConnectorId connector);

  /** Forgets every such token; an exchange under way is neither used nor cached. */
  void purge(Purge whose);
}
