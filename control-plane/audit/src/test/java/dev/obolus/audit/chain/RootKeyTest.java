// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.fsck.VerifierKey;
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

  @Test
  void aKeyInPkcs12IsReadByWriterAndVerifierAlike() throws Exception {
    Path file = folder.resolve("root.p12");
    Path password = password("correct horse");
    RootKey made = RootKey.create(file, password, new SecureRandom());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(RootKey.read(file, password).id()).isEqualTo(made.id());
    assertThat(VerifierKey.read(file, password)).hasToString("VerifierKey[" + made.id() + "]");
    assertThatThrownBy(() -> RootKey.create(file, password, new SecureRandom()))
        .isInstanceOf(IOException.class);
  }

  /** What an administrator has at hand without Obolus. */
  @Test
  void aKeyThatKeytoolMadeIsRead() throws Exception {
    Path file = folder.resolve("keytool.p12");
    Path password = password("correct horse");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genseckey",
                "-keyalg",
                "HmacSHA256",
                "-keysize",
                "256",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass:file",
                password.toString(),
                "-alias",
                "root")
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    RootKey read = RootKey.read(file, password);
    assertThat(VerifierKey.read(file, password)).hasToString("VerifierKey[" + read.id() + "]");
  }

  @Test
  void aWrongPasswordOrAFileOfOthersIsSaidWithoutTheKey() throws Exception {
    Path file = folder.resolve("root.p12");
    Path password = password("correct horse");
    RootKey _ = RootKey.create(file, password, new SecureRandom());
    Path _ = Files.writeString(password, "wrong");
    assertThatThrownBy(() -> RootKey.read(file, password)).hasMessageContaining("password");
    assertThatThrownBy(() -> VerifierKey.read(file, password)).hasMessageContaining("password");
    Path _ = Files.writeString(password, "correct horse");
    for (Path open : List.of(file, password)) {
      Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r-----"));
      assertThatThrownBy(() -> RootKey.read(file, password)).hasMessageContaining("chmod 600");
      assertThatThrownBy(() -> VerifierKey.read(file, password)).hasMessageContaining("chmod 600");
      Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-------"));
    }
  }

  @Test
  void aKeyFromElsewhereIsTheSameKey() throws Exception {
    Path file = folder.resolve("root.key");
    RootKey made = RootKey.create(file, new SecureRandom());
    String hex = Files.readString(file);
    assertThat(RootKey.parse(hex, "a vault").id()).isEqualTo(made.id());
    assertThat(VerifierKey.parse(hex, "a vault")).hasToString("VerifierKey[" + made.id() + "]");
    String odd = "zz" + hex.strip().substring(2);
    assertThatThrownBy(() -> RootKey.parse(odd, "a vault"))
        .hasMessageContaining("a vault")
        .message()
        .doesNotContain(odd);
    assertThatThrownBy(() -> VerifierKey.parse(odd, "a vault"))
        .hasMessageContaining("a vault")
        .message()
        .doesNotContain(odd);
  }

  private Path password(String text) throws IOException {
    Path file = folder.resolve("root.password");
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(file, text + "\n");
  }
}
