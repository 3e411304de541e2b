// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.IOException;

/** Which ports the demo's programs take, all on the loopback address. */
record Addresses(int gateway, int console, int sandbox) {

  static Addresses claim(int gateway, int console, int sandbox) throws IOException, DemoFault {
    return new Addresses(
        Ports.claim("gateway", "--gateway-port", gateway),
        Ports.claim("console", "--console-port", console),
        Ports.claim("sandbox", "--sandbox-port", sandbox));
  }

  String gatewayUrl() {
    return "http://127.0.0.1:" + gateway;
  }

  String consoleUrl() {
    return "http://127.0.0.1:" + console;
  }

  String sandboxUrl() {
    return "http://127.0.0.1:" + sandbox;
  }
}
