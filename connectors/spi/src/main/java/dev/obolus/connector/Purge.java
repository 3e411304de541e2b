// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector;

/** Whose exchanged tokens are to be forgotten. */
public sealed interface Purge {

  /**
   * @param tenant {@code tid}
   * @param objectId {@code oid}
   */
  record Person(String tenant, String objectId) implements Purge {}

  record Tenant(String tenant) implements Purge {}

  /** Everybody's, as far as this application ({@code azp} or {@code appid}) presented them. */
  record Agent(String client) implements Purge {}

  /** Everybody's, as far as they were exchanged for this connector. */
  record Source(ConnectorId connector) implements Purge {}
}
