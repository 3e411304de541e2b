// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.personal.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
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
    Bytes person = Subject.person(new Person("t", "o")).bytes();
    assertThat(read.id()).isEqualTo(made.id());
    assertThat(read.handles().apply(person)).isEqualTo(made.handles().apply(person));
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
  void handlesOfTwoSubjectsAreNeverTheSame() throws Exception {
    RootKey root = RootKey.create(folder.resolve("root.key"), new SecureRandom());
    List<Subject> subjects =
        List.of(
            Subject.person(new Person("t", "o")),
            Subject.person(new Person("to", "")),
            Subject.email("t", "o"),
            Subject.tenant("t"),
            Subject.tenant("to"));
    assertThat(subjects.stream().map(subject -> root.handles().apply(subject.bytes())).distinct())
        .hasSameSizeAs(subjects);
  }
}
