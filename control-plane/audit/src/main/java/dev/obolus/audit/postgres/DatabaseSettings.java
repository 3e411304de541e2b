// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import java.nio.file.Path;

/**
 * Where the log's database is.
 *
 * @param passwordFile read at every connection, so that a password can be changed under a running
 *     process; nobody but its owner may read it
 * @param tls how the connection is protected
 */
public record DatabaseSettings(
    String host, int port, String database, String username, Path passwordFile, Tls tls) {

  /** Protection of the connection. */
  public enum Tls {
    /** TLS 1.2 or newer, the server's certificate checked against the JVM's trust and its name. */
    VERIFIED,
    /** Plain text: for loopback, or for a host that the configuration allows by name. */
    PLAIN
  }
}
