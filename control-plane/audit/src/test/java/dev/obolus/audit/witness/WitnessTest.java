// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.witness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.tree.Checkpoint;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.Proofs;
import dev.obolus.audit.tree.SignedNote;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.audit.tree.Tiles;
import dev.obolus.audit.tree.TreeEdge;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each answer that C2SP tlog-witness lists. */
class WitnessTest {
  @TempDir Path folder;
  private final List<byte[]> leaves = new ArrayList<>();
  private SigningKey log;
  private SigningKey key;
  private Witness witness;

  @BeforeEach
  void aWitness() throws IOException {
    log = SigningKey.create(folder.resolve("log.key"), "obolus/test", new SecureRandom());
    key = SigningKey.create(folder.resolve("w.key"), "witness.example/w1", new SecureRandom());
    witness = open();
    for (int i = 0; i < 20; i++) {
      leaves.add(TreeEdge.leafOf(new byte[] {(byte) i}));
    }
  }

  private Witness open() throws IOException {
    return Witness.open(key, log.logKeys(), folder.resolve("state"), InstantSource.system());
  }

  @Test
  void aTreeThatGoesOnIsCosignedAndRemembered() throws IOException {
    Witness.Answer first = witness.add(request(0, 5));
    assertThat(first.status()).isEqualTo(200);
    SignedNote note = note(5).with(SignedNote.Line.parseAll(first.body()));
    assertThat(NoteKey.count(note, key.witnessKeys())).isEqualTo(2);
    assertThat(witness.add(request(5, 12)).status()).isEqualTo(200);
    witness.close();
    witness = open();
    assertThat(witness.add(request(5, 13)).status()).isEqualTo(409);
    assertThat(witness.add(request(12, 13)).status()).isEqualTo(200);
    String kept = witness.checkpoint(Witness.hash("obolus/test")).orElseThrow();
    SignedNote read = SignedNote.parse(kept);
    assertThat(Checkpoint.parse(read.text()).size()).isEqualTo(13);
    assertThat(NoteKey.count(read, log.logKeys())).isEqualTo(2);
    assertThat(NoteKey.count(read, key.witnessKeys())).isEqualTo(2);
  }

  @Test
  void anOldSizeThatIsNotTheNewestIsAConflictThatNamesIt() throws IOException {
    assertThat(witness.add(request(0, 5)).status()).isEqualTo(200);
    Witness.Answer answer = witness.add(request(0, 6));
    assertThat(answer).isEqualTo(new Witness.Answer(409, "text/x.tlog.size", "5\n"));
    assertThat(witness.add(request(4, 6)).body()).isEqualTo("5\n");
  }

  @Test
  void twoTreesOfOneSizeAreNotCosigned() throws IOException {
    assertThat(witness.add(request(0, 5)).status()).isEqualTo(200);
    assertThat(witness.add(request(5, 5)).status()).isEqualTo(200);
    leaves.set(3, TreeEdge.leafOf(new byte[] {99}));
    assertThat(witness.add(request(5, 5)).status()).isEqualTo(422);
  }

  @Test
  void aTreeWithAnotherBeginningIsNotCosigned() throws IOException {
    assertThat(witness.add(request(0, 5)).status()).isEqualTo(200);
    leaves.set(3, TreeEdge.leafOf(new byte[] {99}));
    assertThat(witness.add(request(5, 12)).status()).isEqualTo(422);
    assertThat(witness.add("old 5\n\n" + note(12)).status()).isEqualTo(422);
  }

  @Test
  void aProofWhereNoneIsDueIsRefused() throws IOException {
    String hash = Base64.getEncoder().encodeToString(new byte[32]);
    assertThat(witness.add("old 0\n" + hash + "\n\n" + note(5)).status()).isEqualTo(422);
  }

  @Test
  void aSmallerTreeIsABadRequest() throws IOException {
    assertThat(witness.add(request(0, 5)).status()).isEqualTo(200);
    assertThat(witness.add("old 5\n\n" + note(4)).status()).isEqualTo(400);
  }

  @Test
  void strangersAndForgersAreRefused() throws IOException {
    SigningKey stranger =
        SigningKey.create(folder.resolve("s.key"), "obolus/else", new SecureRandom());
    SigningKey forger =
        SigningKey.create(folder.resolve("f.key"), "obolus/test", new SecureRandom());
    Checkpoint elsewhere = new Checkpoint("obolus/else", 5, root(5));
    assertThat(witness.add("old 0\n\n" + stranger.sign(elsewhere, Instant.now())).status())
        .isEqualTo(404);
    Checkpoint here = new Checkpoint("obolus/test", 5, root(5));
    assertThat(witness.add("old 0\n\n" + forger.sign(here, Instant.now())).status()).isEqualTo(403);
    SignedNote other = new SignedNote(note(6).text(), note(5).lines());
    assertThat(witness.add("old 0\n\n" + other).status()).isEqualTo(403);
  }

  @Test
  void whatIsNoRequestIsABadRequest() throws IOException {
    for (String body :
        List.of(
            "", "old 0\n", "old 01\n\n" + note(5), "old -1\n\n" + note(5), "old 0\n\nnothing")) {
      assertThat(witness.add(body).status()).as(body).isEqualTo(400);
    }
    String hash = Base64.getEncoder().encodeToString(new byte[32]) + "\n";
    assertThat(witness.add("old 1\n" + hash.repeat(64) + "\n" + note(5)).status()).isEqualTo(400);
  }

  @Test
  void manyAtOnceLeaveOneHistory() throws Exception {
    assertThat(witness.add(request(0, 5)).status()).isEqualTo(200);
    List<Integer> answers =
        IntStream.range(6, 20).parallel().mapToObj(size -> status(request(5, size))).toList();
    assertThat(answers.stream().filter(status -> status == 200)).hasSize(1);
    assertThat(answers.stream().filter(status -> status == 409)).hasSize(13);
  }

  @Test
  void aSecondProcessOnTheSameFolderIsRefused() {
    assertThatThrownBy(this::open).isInstanceOfAny(IOException.class, IllegalStateException.class);
  }

  @Test
  void aCopyIsWrittenOnceAndTheLastIsFound() throws IOException {
    WriteOnceDirectory copies = new WriteOnceDirectory(folder.resolve("copies"));
    assertThat(copies.last(_ -> true)).isEmpty();
    copies.put("0000000000000000005.checkpoint", note(5).toString());
    copies.put("0000000000000000012.checkpoint", "twelve");
    copies.put("0000000000000000012.checkpoint", "twelve");
    assertThat(copies.last(_ -> true)).isEqualTo(Optional.of("twelve"));
    assertThatThrownBy(() -> copies.put("0000000000000000012.checkpoint", "another"))
        .isInstanceOf(java.nio.file.FileAlreadyExistsException.class);
    assertThat(copies.last(_ -> true)).isEqualTo(Optional.of("twelve"));
  }

  private int status(String request) {
    try {
      return witness.add(request).status();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private String request(int old, int size) {
    try {
      StringBuilder body = new StringBuilder("old " + old + "\n");
      for (Bytes hash : new Proofs(tiles(), size).consistency(old)) {
        body.append(Base64.getEncoder().encodeToString(hash.toArray())).append('\n');
      }
      return body.append('\n').append(note(size)).toString();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private SignedNote note(int size) throws IOException {
    return log.sign(new Checkpoint("obolus/test", size, root(size)), Instant.now());
  }

  private Bytes root(int size) throws IOException {
    return new Proofs(tiles(), size).root();
  }

  private Tiles tiles() {
    return (level, tile, width) -> {
      byte[] hashes = new byte[width * 32];
      for (int i = 0; i < width; i++) {
        System.arraycopy(leaves.get(i), 0, hashes, i * 32, 32);
      }
      return hashes;
    };
  }
}
