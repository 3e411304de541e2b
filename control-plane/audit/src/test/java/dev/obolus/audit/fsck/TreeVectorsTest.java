// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SignedNote;
import dev.obolus.audit.tree.TreeEdge;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The published vectors of the tree, by what signs and by what verifies. */
class TreeVectorsTest {
  private static final Path FILE = Path.of("../../docs/audit-tree-vectors.txt");
  private final List<String> lines;

  TreeVectorsTest() throws IOException {
    lines = Files.readAllLines(FILE);
  }

  @Test
  void bothComputeTheRootsOfTheVectors() {
    TreeEdge edge = new TreeEdge();
    MerkleTree tree = new MerkleTree((level, hash) -> {});
    List<String> entries = all("entry");
    assertThat(entries).hasSize(7);
    for (int i = 0; i < entries.size(); i++) {
      byte[] entry = HexFormat.of().parseHex(entries.get(i));
      assertThat(HexFormat.of().formatHex(tree.leaf(entry))).isEqualTo(all("leaf").get(i));
      tree.add(tree.leaf(entry));
      assertThat(edge.add(entry)).isEmpty();
      String root = root(i + 1);
      assertThat(HexFormat.of().formatHex(tree.root())).isEqualTo(root);
      assertThat(edge.root().hex()).isEqualTo(root);
    }
  }

  @Test
  void bothAcceptWhatTheLogAndTheWitnessSigned() throws Exception {
    PublicKeys log = PublicKeys.of(all("log_key"));
    List<NoteKey> logKeys = all("log_key").stream().map(NoteKey::parse).toList();
    List<NoteKey> witnessKeys = all("witness_key").stream().map(NoteKey::parse).toList();
    for (String checkpoint : texts("checkpoint")) {
      Note note = Note.parse(checkpoint);
      assertThat(HexFormat.of().formatHex(note.root())).isEqualTo(root((int) note.size()));
      assertThat(log.signedByLog(note)).isTrue();
      assertThat(NoteKey.count(SignedNote.parse(checkpoint), logKeys)).isEqualTo(2);
    }
    String cosigned = texts("cosigned").getFirst();
    assertThat(NoteKey.count(SignedNote.parse(cosigned), witnessKeys)).isEqualTo(2);
    assertThat(PublicKeys.of(all("witness_key")).witnesses(Note.parse(cosigned)))
        .containsOnlyKeys("witness.example/w1");
  }

  @Test
  void theProofIsOfTheThirdRecord() throws Exception {
    List<String> keys = new ArrayList<>(all("log_key"));
    keys.addAll(all("witness_key"));
    ProofFile.Proven proven = ProofFile.verify(texts("proof").getFirst(), PublicKeys.of(keys));
    assertThat(proven.seq()).isEqualTo(3);
    assertThat(proven.index()).isEqualTo(2);
    assertThat(proven.size()).isEqualTo(7);
    assertThat(proven.witnesses()).containsOnlyKeys("witness.example/w1");
  }

  @Test
  void theConsistencyProofsHold() {
    assertThat(all("consistency")).hasSize(2);
    for (String line : all("consistency")) {
      String[] part = line.split(" ", -1);
      int from = Integer.parseInt(part[0]);
      int to = Integer.parseInt(part[1]);
      assertThat(
              MerkleProof.consistent(
                  from,
                  HexFormat.of().parseHex(root(from)),
                  to,
                  HexFormat.of().parseHex(root(to)),
                  Arrays.stream(part).skip(2).map(HexFormat.of()::parseHex).toList()))
          .isTrue();
    }
  }

  private String root(int size) {
    return all("root").stream()
        .filter(line -> line.startsWith(size + " "))
        .map(line -> line.substring(line.indexOf(' ') + 1))
        .findFirst()
        .orElseThrow();
  }

  private List<String> texts(String name) {
    return all(name).stream()
        .map(text -> new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8))
        .toList();
  }

  private List<String> all(String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> line.substring(name.length() + 1))
        .toList();
  }
}
