// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Prunes.SignedText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The verifier's own code finds in the vectors of a pruned chain what the writer's put there. */
class PruneVectorsCheckTest {
  private static final Path FILE = Path.of("../../docs/audit-prune-vectors.txt");

  private final List<String> lines;

  PruneVectorsCheckTest() throws Exception {
    lines = Files.readAllLines(FILE);
  }

  @Test
  void whatIsGoneIsWhatTheRecordNames() throws Exception {
    MissingRuns missing = new MissingRuns();
    long seq = 0;
    for (String line : lines.subList(0, index("head "))) {
      String[] word = line.split(" ", -1);
      switch (word[0]) {
        case "gone" -> missing.missing(++seq, hex(word[1]), 0, 1);
        case "stays" -> seq++;
        case "prev_mac" -> missing.goOnFrom(hex(word[1]));
        default -> {}
      }
    }
    String[] head = value("head ").split(" ", -1);
    missing.goOnFrom(hex(head[1]));
    assertThat(seq).isEqualTo(Long.parseLong(head[0]));

    Parsed record = record();
    Prunes prunes = new Prunes();
    prunes.take(ChainId.parse(value("pruned ")), record.whole(Parsed.SEQ), record);
    ChainId chain = ChainId.parse(value("chain "));
    assertThat(prunes.concern(chain)).isTrue();
    assertThat(prunes.tenants(chain)).containsExactly("a");
    prunes.conclude(chain, missing, seq, Bytes.ofHex(head[1]));
    assertThat(prunes.found()).hasSize(1);
    assertThat(prunes.found().getFirst().removed()).isTrue();
    assertThat(prunes.found().getFirst().records()).isEqualTo(5);
  }

  @Test
  void theNoteSaysTheSameAndIsSigned() throws Exception {
    String note = new String(Base64.getDecoder().decode(value("note ")), StandardCharsets.UTF_8);
    SignedText signed = SignedText.parse(note).orElseThrow();
    PublicKeys keys = PublicKeys.of(List.of(value("log_key ")));
    assertThat(keys.signedByLog(signed.origin(), signed.text(), signed.signatures())).isTrue();
    Parsed record = record();
    byte[] leaf = new MerkleTree((level, hash) -> {}).leaf(record.source());
    assertThat(
            Prunes.note(
                signed.origin(),
                ChainId.parse(value("pruned ")),
                record.whole(Parsed.SEQ),
                leaf,
                record))
        .isEqualTo(signed.text());
  }

  @Test
  void theTwoWordsThatItNamesAreSaid() throws Exception {
    List<Parsed> records = records();
    List<PruneWord> words = PruneWord.of(record());
    assertThat(words).hasSize(2);
    assertThat(words.getFirst().saidBy(records.getFirst())).isTrue();
    assertThat(words.getLast().saidBy(records.get(1))).isTrue();
    assertThat(words.getFirst().saidBy(records.get(1))).as("another's").isFalse();
    assertThat(words.getFirst().saidBy(records.getLast())).as("no word").isFalse();
    for (PruneWord word : words) {
      assertThat(word.at().chain()).isEqualTo(ChainId.parse(value("pruned ")));
    }
  }

  /** The words, then the prune. */
  private List<Parsed> records() throws Exception {
    List<Parsed> records = new ArrayList<>();
    for (String line : lines.subList(index("pruned "), lines.size())) {
      if (line.startsWith("canonical ")) {
        records.add(Parsed.of(hex(line.substring("canonical ".length()))));
      }
    }
    return records;
  }

  private Parsed record() throws Exception {
    return records().getLast();
  }

  private int index(String beginning) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith(beginning)) {
        return i;
      }
    }
    throw new IllegalStateException(beginning);
  }

  private String value(String beginning) {
    return lines.get(index(beginning)).substring(beginning.length());
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex);
  }
}
