// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Wrong addresses and wrong files, given to a command that asks a gateway. */
class OperatorDoorTest {
  @TempDir Path folder;

  @Test
  void anAddressWithoutItsSchemeIsWrongUsage() throws Exception {
    Path token = Files.writeString(folder.resolve("token"), "abc");
    for (String address : List.of("localhost:8080", "localhost", "ftp://localhost", "http:///x")) {
      Said said = list(address, token);
      assertThat(said.exit()).as(address).isEqualTo(2);
      assertThat(said.err()).startsWith("--gateway is an address such as https://HOST:PORT, not ");
    }
  }

  @Test
  void aFileThatHoldsNoTokenIsNotShownToAnybody() throws Exception {
    for (String held : List.of("", "obolus signing key v1\ned25519 c2VjcmV0", "two words", "ü")) {
      Said said = list("http://127.0.0.1:1", Files.writeString(folder.resolve("token"), held));
      assertThat(said.exit()).as(held).isEqualTo(3);
      assertThat(said.err())
          .startsWith("obolus: no access token is in " + folder.resolve("token"))
          .doesNotContain("c2VjcmV0");
      assertThat(said.err().lines()).hasSize(1);
    }
  }

  @Test
  void aGatewayThatDoesNotAnswerIsExitThree() throws Exception {
    Said said = list("http://127.0.0.1:1", Files.writeString(folder.resolve("token"), "abc"));
    assertThat(said.exit()).isEqualTo(3);
    assertThat(said.err())
        .isEqualToIgnoringNewLines("obolus: the gateway at http://127.0.0.1:1 does not answer");
  }

  private static Said list(String gateway, Path token) {
    return Said.by("freeze", "list", "--gateway=" + gateway, "--token-file=" + token);
  }
}
