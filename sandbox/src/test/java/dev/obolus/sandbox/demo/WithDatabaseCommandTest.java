// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WithDatabaseCommandTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "audit verify --evidence log.jsonl --public-keys log.pub",
        "audit verify --evidence=log.jsonl",
        "audit verify --tiles=folder",
        "audit verify --proof record.proof",
        "audit verify --url=jdbc:postgresql://db/obolus",
        "audit forget --gateway https://gateway --tenant t --object-id o",
        "audit keygen --help"
      })
  void whatNamesAFileOrAGatewayOrADatabaseNeedsNoDemo(String command) {
    assertThat(WithDatabaseCommand.needsNoDatabase(List.of(command.split(" ")))).isTrue();
  }

  @Test
  void allElseIsAboutTheDemosLog() {
    assertThat(
            WithDatabaseCommand.needsNoDatabase(
                List.of("audit", "verify", "--public-keys", "log.pub")))
        .isFalse();
  }
}
