// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.postgres;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;

/**
 * PostgreSQL refuses to run as root. Where we are root (a container, a build machine), its programs
 * run in a user namespace of their own, in which they are nobody while our files stay ours.
 */
final class Unprivileged {
  private static final List<String> UNSHARE = List.of("unshare", "-U");

  private Unprivileged() {}

  /** What to put before a command; nothing for an ordinary user. */
  static List<String> prefix() throws IOException {
    if (!"root".equals(System.getProperty("user.name"))) {
      return List.of();
    }
    if (!works()) {
      throw new IOException(
          "PostgreSQL does not run as root, and this system allows root no user namespace"
              + " (unshare -U): run as an ordinary user");
    }
    return UNSHARE;
  }

  private static boolean works() throws IOException {
    try {
      return new ProcessBuilder("unshare", "-U", "true").start().waitFor() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("unshare").initCause(e);
    }
  }
}
