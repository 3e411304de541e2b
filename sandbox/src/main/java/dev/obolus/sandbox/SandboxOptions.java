// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox;

import java.nio.file.Path;

/**
 * How a sandbox is started.
 *
 * @param port of http; 0 picks a free one
 * @param httpsPort likewise
 * @param data where its keys, secrets and certificates are kept
 * @param databaseUrl JDBC address of a database called {@code main}
 * @param databaseUser its owner, who may create roles
 */
public record SandboxOptions(
    String host,
    int port,
    int httpsPort,
    boolean allowNonLoopback,
    Path data,
    String databaseUrl,
    String databaseUser,
    String databasePassword) {

  @Override
  public String toString() {
    return "SandboxOptions[" + host + ":" + port + ", " + data + "]";
  }
}
