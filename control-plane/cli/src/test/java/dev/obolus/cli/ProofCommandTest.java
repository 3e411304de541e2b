// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.Receipt;
import dev.obolus.migrations.DatabaseMigration;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The file of a record's proof, by our verifier and by the one in Python, which needs {@code
 * python3}.
 */
class ProofCommandTest {
  private static final int ED25519_LINE = 200;

  @TempDir Path folder;

  @Test
  void bothVerifiersBelieveTheFileAndNeitherAChangedLineOfIt() throws Exception {
    TestPostgres.Database database = TestPostgres.fresh();
    assertThat(
            DatabaseMigration.migrate(database.jdbcUrl(), TestPostgres.OWNER, TestPostgres.OWNER))
        .isNotEmpty();
    SmallLog log = new SmallLog(database, folder);
    Receipt record = log.writeAndSealAPrune();
    Path keys = log.publicKeys();
    Path proof = folder.resolve("a.tlog-proof");
    Said written =
        Said.by(
            "audit",
            "proof",
            record.chain().toString(),
            Long.toString(record.seq()),
            "--output=" + proof,
            "--url=" + database.jdbcUrl(),
            "--user=" + TestPostgres.GATEWAY,
            "--password-file=" + log.secret("gateway.password", TestPostgres.GATEWAY));
    assertThat(written.exit()).as(written.err()).isZero();

    assertThat(ours(proof, keys)).isZero();
    Said whole = python(List.of(proof), keys);
    assertThat(whole.exit()).as(whole.out()).isZero();
    assertThat(whole.out())
        .startsWith("VERIFIED")
        .contains("chain " + record.chain() + ", seq " + record.seq());

    List<Path> changed = changed(proof);
    assertThat(changed)
        .hasSizeGreaterThan(10)
        .allSatisfy(file -> assertThat(ours(file, keys)).isOne());
    Said said = python(changed, keys);
    assertThat(said.exit()).isOne();
    assertThat(said.out().lines())
        .hasSameSizeAs(changed)
        .allSatisfy(line -> assertThat(line).startsWith("BROKEN"));
  }

  /** For each line a copy in which one character of it is another; without it, if it is empty. */
  private List<Path> changed(Path proof) throws Exception {
    List<String> lines = Files.readAllLines(proof);
    List<Path> files = new ArrayList<>();
    for (int number = 0; number < lines.size(); number++) {
      String line = lines.get(number);
      boolean byMlDsa = line.startsWith("— ") && line.length() > ED25519_LINE;
      if (byMlDsa) {
        continue; // the one in Python says that it does not check it
      }
      List<String> copy = new ArrayList<>(lines);
      if (line.isEmpty()) {
        String _ = copy.remove(number);
      } else {
        int at = line.length() < 20 ? line.length() - 1 : line.length() / 2;
        char other = line.charAt(at) == '1' ? '2' : '1';
        String _ = copy.set(number, line.substring(0, at) + other + line.substring(at + 1));
      }
      files.add(Files.write(folder.resolve("line-" + number), copy));
    }
    return files;
  }

  private static int ours(Path proof, Path keys) {
    return Said.by("audit", "verify", "--proof=" + proof, "--public-keys=" + keys).exit();
  }

  private static Said python(List<Path> proofs, Path keys) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("python3", "../../docs/verify/obolus_verify.py", "proof"));
    proofs.forEach(proof -> command.add(proof.toString()));
    command.addAll(List.of("--keys", keys.toString()));
    Process python = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(python.getInputStream().readAllBytes(), UTF_8);
    return new Said(python.waitFor(), out, "");
  }
}
