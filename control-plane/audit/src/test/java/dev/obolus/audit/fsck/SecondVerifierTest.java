// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The verifier in Python, written from the format's page alone, agrees with ours: on what is whole,
 * and on what has one digit changed. Needs {@code python3}, 3.10 or newer.
 */
class SecondVerifierTest {
  private static final Path DOCS = Path.of("../../docs");
  private static final Path RECORDS = DOCS.resolve("audit-format-vectors.txt");
  private static final Path TREE = DOCS.resolve("audit-tree-vectors.txt");
  private static final Path PRUNE = DOCS.resolve("audit-prune-vectors.txt");
  private static final int FLIPS_A_LINE = 4;
  private static final List<String> SEALED =
      List.of(
          "canonical ",
          "leaf ",
          "prev_mac ",
          "mac ",
          "value ",
          "opened ",
          "value_key ",
          "root_key ",
          "key_commitment ",
          "entry ",
          "root ",
          "log_key ",
          "consistency ",
          "gone ",
          "head ",
          "pruned ",
          "note ");

  @Test
  void itVerifiesThePublishedVectors() throws Exception {
    Said said = verify(List.of(RECORDS, TREE, PRUNE));
    assertThat(said.exit()).as(said.text()).isZero();
    assertThat(said.text())
        .startsWith("VERIFIED")
        .contains(": 10 records", ": 7 entries", ": 5 records pruned");
  }

  @Test
  void itSeesEveryChangedDigit(@TempDir Path folder) throws Exception {
    List<Path> changed = new ArrayList<>(changed(RECORDS, folder));
    changed.addAll(changed(TREE, folder));
    changed.addAll(changed(PRUNE, folder));
    Said said = verify(changed);
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.text().lines())
        .hasSameSizeAs(changed)
        .allSatisfy(line -> assertThat(line).startsWith("BROKEN"));
  }

  private static List<Path> changed(Path vectors, Path folder) throws IOException {
    var random = new SplittableRandom(1);
    List<String> lines = Files.readAllLines(vectors);
    List<Path> files = new ArrayList<>();
    for (int number = 0; number < lines.size(); number++) {
      String line = lines.get(number);
      if (SEALED.stream().noneMatch(line::startsWith)) {
        continue;
      }
      int first = line.lastIndexOf(' ') + 1;
      for (int i = 0; i < FLIPS_A_LINE; i++) {
        int at = random.nextInt(first, line.length());
        List<String> copy = new ArrayList<>(lines);
        copy.set(
            number,
            line.substring(0, at) + (line.charAt(at) == '0' ? '1' : '0') + line.substring(at + 1));
        files.add(
            Files.write(folder.resolve(number + "-" + i + "-" + vectors.getFileName()), copy));
      }
    }
    return files;
  }

  private static Said verify(List<Path> files) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add("python3");
    command.add(DOCS.resolve("verify/obolus_verify.py").toString());
    command.add("vectors");
    files.forEach(file -> command.add(file.toString()));
    Process python = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text =
        new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return new Said(python.waitFor(), text);
  }

  private record Said(int exit, String text) {}
}
