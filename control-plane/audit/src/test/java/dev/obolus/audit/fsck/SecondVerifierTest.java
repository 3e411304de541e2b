// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
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
  private static final int ML_DSA_44 = 2420;
  private static final List<String> SIGNED = List.of("checkpoint ", "cosigned ", "proof ");
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

  /** Four of them in each: every one would take a file of its own. */
  @Test
  void itSeesDigitsChangedInEachLine(@TempDir Path folder) throws Exception {
    List<Path> changed = new ArrayList<>(changed(RECORDS, folder));
    changed.addAll(changed(TREE, folder));
    changed.addAll(changed(PRUNE, folder));
    Said said = verify(changed);
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.text().lines())
        .hasSameSizeAs(changed)
        .allSatisfy(line -> assertThat(line).startsWith("BROKEN"));
  }

  /** Each byte of each, but of ML-DSA-44 signatures, which it says that it does not check. */
  @Test
  void itSeesEveryChangedByteOfWhatIsSignedOrProven(@TempDir Path folder) throws Exception {
    List<String> lines = Files.readAllLines(TREE);
    List<String> unsigned =
        lines.stream().filter(line -> SIGNED.stream().noneMatch(line::startsWith)).toList();
    List<Path> honest = new ArrayList<>();
    List<Path> changed = new ArrayList<>();
    for (String line : lines) {
      int first = line.indexOf(' ') + 1;
      if (SIGNED.stream().noneMatch(line::startsWith)) {
        continue;
      }
      String text = new String(Base64.getDecoder().decode(line.substring(first)), UTF_8);
      honest.add(with(line.substring(0, first), text, unsigned, folder));
      for (String tampered : tampered(text)) {
        changed.add(with(line.substring(0, first), tampered, unsigned, folder));
      }
    }
    assertThat(honest).hasSize(4);
    assertThat(changed).hasSizeGreaterThan(1000);
    Said sound = verify(honest);
    assertThat(sound.exit()).as(sound.text()).isZero();
    assertThat(verify(changed).text().lines())
        .hasSameSizeAs(changed)
        .allSatisfy(line -> assertThat(line).startsWith("BROKEN"));
  }

  private static Path with(String what, String text, List<String> unsigned, Path folder)
      throws IOException {
    List<String> lines = new ArrayList<>(unsigned);
    lines.add(what + Base64.getEncoder().encodeToString(text.getBytes(UTF_8)));
    return Files.write(Files.createTempFile(folder, what.strip(), ".txt"), lines);
  }

  /** The text with a line left out, a number changed, or a bit of a byte that is in base64. */
  private static List<String> tampered(String text) {
    List<String> lines = text.lines().toList();
    List<String> found = new ArrayList<>();
    for (int number = 0; number < lines.size(); number++) {
      String line = lines.get(number);
      int first = line.lastIndexOf(' ') + 1;
      String last = line.substring(first);
      found.add(replaced(lines, number, List.of()));
      if (last.matches("[0-9]+")) {
        for (int other = 0; other < 10; other++) {
          if (other != Integer.parseInt(last)) {
            found.add(replaced(lines, number, List.of(line.substring(0, first) + other)));
          }
        }
      } else if (last.matches("[A-Za-z0-9+/]{43,}=*")) {
        byte[] bytes = Base64.getDecoder().decode(last);
        for (int i = 0; i < bytes.length && bytes.length < ML_DSA_44; i++) {
          byte[] copy = bytes.clone();
          copy[i] ^= (byte) (1 << (i % 8));
          String flipped = line.substring(0, first) + Base64.getEncoder().encodeToString(copy);
          found.add(replaced(lines, number, List.of(flipped)));
        }
      }
    }
    return found;
  }

  private static String replaced(List<String> lines, int number, List<String> by) {
    List<String> copy = new ArrayList<>(lines.subList(0, number));
    copy.addAll(by);
    copy.addAll(lines.subList(number + 1, lines.size()));
    return String.join("\n", copy) + "\n";
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
    String text = new String(python.getInputStream().readAllBytes(), UTF_8).strip();
    return new Said(python.waitFor(), text);
  }

  private record Said(int exit, String text) {}
}
