// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Ports on the loopback address. */
final class Ports {
  private static final String LOOPBACK = "127.0.0.1";

  private Ports() {}

  /** The wanted port if it is free, any free one for 0. */
  static int claim(String program, String option, int wanted) throws IOException, DemoFault {
    try (ServerSocket socket = new ServerSocket(wanted, 1, InetAddress.ofLiteral(LOOPBACK))) {
      return socket.getLocalPort();
    } catch (java.net.BindException e) {
      throw new DemoFault(
          "port "
              + wanted
              + " for the "
              + program
              + " is in use; end what uses it, or choose another with "
              + option
              + " (0 picks a free one)",
          e);
    }
  }

  static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral(LOOPBACK))) {
      return socket.getLocalPort();
    }
  }
}
