// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.personal;

import dev.obolus.audit.Bytes;
import java.io.IOException;
import java.util.Set;

/**
 * The key-encryption key: wraps the keys of persons' values before they are stored. Blocks.
 *
 * <p>Guarantees: once a version is destroyed, nothing that was wrapped with it can be read again,
 * from whichever copy of the database; how final that is, each implementation says.
 */
public interface KeyEncryption {

  /**
   * Wraps 32 bytes with the newest version.
   *
   * @param context bound to the result: unwrapping must be given the same
   */
  Wrapped wrap(byte[] secret, byte[] context) throws IOException;

  /**
   * Wraps with this version.
   *
   * @param version one of which the caller knows that no newer one can come meanwhile
   */
  Wrapped wrapWith(String version, byte[] secret, byte[] context) throws IOException;

  /**
   * The 32 bytes again.
   *
   * @throws Unreadable if the version is gone, or if anything was changed: asking again is no use.
   *     Any other failure is one of asking
   */
  byte[] unwrap(Wrapped wrapped, byte[] context) throws IOException;

  /** The version that wraps now. */
  String version() throws IOException;

  /** Makes a new version the one that wraps; older ones still unwrap. */
  String rotate() throws IOException;

  /**
   * Destroys all versions but the one that wraps now, and these, which something is wrapped with.
   */
  void destroyAllBut(Set<String> used) throws IOException;

  /**
   * A wrapped key.
   *
   * @param version of the key-encryption key, shown to anybody
   */
  record Wrapped(String version, Bytes bytes) {}

  /** What is wrapped cannot be unwrapped, now or later. */
  final class Unreadable extends IOException {
    private static final long serialVersionUID = 1L;

    public Unreadable(String message) {
      super(message);
    }
  }
}
