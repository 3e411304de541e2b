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

  /** Forgets every such token; an exchange under way is neither used nor cached. */
  void purge(Purge whose);
}
