// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningKeyTest {
  @TempDir Path folder;

  @Test
  void theExampleOfTheSpecificationVerifies() {
    NoteKey key =
        NoteKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
    SignedNote note =
        SignedNote.parse(
            "This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n");
    assertThat(NoteKey.count(note, List.of(key))).isEqualTo(1);
    assertThat(
            NoteKey.count(new SignedNote("This is another message.\n", note.lines()), List.of(key)))
        .isZero();
    assertThat(key.toString()).endsWith("+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
  }

  @Test
  void aLogSignsWithBothKeysAndAWitnessCosigns() throws IOException {
    SigningKey made = SigningKey.create(folder.resolve("log"), "obolus/test", new SecureRandom());
    SigningKey log = SigningKey.read(folder.resolve("log"));
    SigningKey witness =
        SigningKey.create(folder.resolve("w"), "witness.example/w1", new SecureRandom());
    Checkpoint checkpoint = new Checkpoint("obolus/test", 7, Bytes.of(new byte[32]));
    SignedNote note = log.sign(checkpoint, Instant.now());

    SignedNote read = SignedNote.parse(note.toString());
    assertThat(read).isEqualTo(note);
    assertThat(Checkpoint.parse(read.text())).isEqualTo(checkpoint);
    assertThat(NoteKey.count(read, made.logKeys())).isEqualTo(2);
    assertThat(NoteKey.count(read, witness.witnessKeys())).isZero();
    SignedNote cosigned = read.with(witness.cosign(read.text(), Instant.now()));
    assertThat(NoteKey.count(cosigned, witness.witnessKeys())).isEqualTo(2);
    assertThat(NoteKey.count(cosigned, log.logKeys())).isEqualTo(2);
    for (NoteKey key : log.logKeys()) {
      assertThat(NoteKey.parse(key.toString())).isEqualTo(key);
    }
  }

  @Test
  void anotherTextIsNotSigned() throws IOException {
    SigningKey log = SigningKey.create(folder.resolve("log"), "obolus/test", new SecureRandom());
    SignedNote note =
        log.sign(new Checkpoint("obolus/test", 7, Bytes.of(new byte[32])), Instant.now());
    SignedNote other =
        new SignedNote(
            new Checkpoint("obolus/test", 8, Bytes.of(new byte[32])).text(), note.lines());
    assertThat(NoteKey.count(other, log.logKeys())).isZero();
    assertThat(
            note.lines().stream()
                .filter(line ->
                    log.logKeys().stream()
                        .anyMatch(key -> key.made(line) && key.verifies(line, other.text()))))
        .isEmpty();
    assertThatThrownBy(
            () -> log.sign(new Checkpoint("obolus/else", 7, Bytes.of(new byte[32])), Instant.now()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aKeyThatOthersMayReadIsRefusedAndNothingShowsIt() throws IOException {
    Path file = folder.resolve("log");
    SigningKey log = SigningKey.create(file, "obolus/test", new SecureRandom());
    assertThat(log.toString()).isEqualTo("SigningKey[obolus/test]");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> SigningKey.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("chmod 600");
  }
}
