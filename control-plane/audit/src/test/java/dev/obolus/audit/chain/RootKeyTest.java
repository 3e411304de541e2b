// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.AuditEvent.Person;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RootKeyTest {
  @TempDir Path folder;

  @Test
  void newKeyIsItsOwnersAloneAndReadsBack() throws Exception {
    Path file = folder.resolve("root.key");
    RootKey made = RootKey.create(file, new SecureRandom());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    RootKey read = RootKey.read(file);
    Person person = new Person("t", "o");
    assertThat(read.id()).isEqualTo(made.id());
    assertThat(read.pseudonyms().of(person)).isEqualTo(made.pseudonyms().of(person));
    assertThatThrownBy(() -> RootKey.create(file, new SecureRandom()))
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rwx------"})
  void keyThatOthersMayTouchIsRefused(String permissions) throws Exception {
    Path file = folder.resolve("root.key");
    RootKey made = RootKey.create(file, new SecureRandom());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    assertThatThrownBy(() -> RootKey.read(file)).hasMessageContaining("chmod 600");
    assertThat(made.toString()).doesNotContain(Files.readString(file).strip());
  }

  @Test
  void anythingButSixtyFourHexDigitsIsRefused() throws Exception {
    Path file = folder.resolve("root.key");
    RootKey _ = RootKey.create(file, new SecureRandom());
    for (String content : new String[] {"", "00".repeat(31), "zz".repeat(32), "00".repeat(33)}) {
      Files.writeString(file, content);
      assertThatThrownBy(() -> RootKey.read(file)).hasMessageContaining("64 hex digits");
    }
  }

  @Test
  void personsOfTwoTenantsHaveTwoPseudonyms() throws Exception {
    RootKey root = RootKey.create(folder.resolve("root.key"), new SecureRandom());
    assertThat(root.pseudonyms().of(new Person("t", "o")))
        .matches("p-[0-9a-f]{32}")
        .isNotEqualTo(root.pseudonyms().of(new Person("to", "")));
  }
}
