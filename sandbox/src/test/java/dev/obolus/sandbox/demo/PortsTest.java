// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class PortsTest {
  @Test
  void aBusyPortIsOneSentenceThatNamesTheOption() throws Exception {
    try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      assertThatThrownBy(() -> Ports.claim("gateway", "--gateway-port", busy.getLocalPort()))
          .isInstanceOf(DemoFault.class)
          .hasMessageContaining("port " + busy.getLocalPort() + " for the gateway is in use")
          .hasMessageContaining("--gateway-port");
    }
  }

  @Test
  void zeroPicksAFreeOne() throws Exception {
    assertThat(Ports.claim("gateway", "--gateway-port", 0)).isPositive();
  }
}
