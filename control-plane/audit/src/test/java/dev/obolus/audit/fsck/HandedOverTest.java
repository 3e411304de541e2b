// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Verification.State;
import dev.obolus.audit.integrator.Integrator;
import dev.obolus.audit.integrator.IntegratorSettings;
import dev.obolus.audit.integrator.Publishing;
import dev.obolus.audit.integrator.TileExport;
import dev.obolus.audit.integrator.TreeStore;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.LogFixture;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an auditor is handed, verified without the database; and each file of it changed. */
class HandedOverTest {
  private static final int RECORDS = 600;

  @TempDir static Path folder;
  private static SigningKey key;
  private static ChainId chain;
  private static String proof;

  @BeforeAll
  static void writeAndExport() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    key = SigningKey.create(folder.resolve("log.key"), "obolus/test", new SecureRandom());
    try (AuditDatabase log = fixture.openReady();
        Integrator _ =
            Integrator.start(
                () -> fixture.database().as("obolus_gateway"),
                new IntegratorSettings(
                    key, List.of(fixture.root()), Duration.ofMillis(20), Duration.ofMinutes(1)),
                Publishing.nowhere(),
                Clock.systemUTC())) {
      chain = append(log, decided("deny")).chain();
      for (int i = 2; i < RECORDS; i++) {
        assertThat(append(log, decided("deny")).seq()).isEqualTo(i + 1);
      }
      until(() -> inTree(fixture));
    }
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      TileExport tree = TileExport.newest(new TreeStore(connection)).orElseThrow();
      tree.write(folder.resolve("tiles"), false);
      tree.write(folder.resolve("full"), true);
      proof = tree.proof(chain, 100).orElseThrow().toString();
      assertThat(tree.proof(chain, RECORDS + 5)).isEmpty();
    }
  }

  private static boolean inTree(LogFixture fixture) {
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      return new TreeStore(connection).indexOf(chain, RECORDS).isPresent();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void tilesAloneVerifyWithPublicKeys() throws Exception {
    Verification found = verify(folder.resolve("tiles"));
    assertThat(found.firstBad()).isEmpty();
    assertThat(found.state()).isEqualTo(State.VERIFIED);
    assertThat(found.signed().orElseThrow().size()).isGreaterThan(RECORDS);
  }

  @Test
  void tilesWithEntriesVerifyRecordByRecord() throws Exception {
    Verification found = verify(folder.resolve("full"));
    assertThat(found.firstBad()).isEmpty();
    assertThat(found.records()).isBetween((long) RECORDS, RECORDS + 1L);
    assertThat(found.chains()).isEqualTo(1);
  }

  @Test
  void eachFileThatIsChangedOrMissingBreaksIt() throws Exception {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder.resolve("full"))) {
      files = all.filter(Files::isRegularFile).toList();
    }
    assertThat(files).hasSizeGreaterThan(6);
    for (Path file : files) {
      byte[] before = Files.readAllBytes(file);
      byte[] changed = before.clone();
      changed[changed.length / 2] ^= 1;
      Files.write(file, changed);
      assertThat(verify(folder.resolve("full")).state()).as("%s", file).isEqualTo(State.BROKEN);
      Files.write(file, before);
      if (!file.endsWith("checkpoint")) {
        Files.delete(file);
        assertThat(verify(folder.resolve("full")).state()).as("%s", file).isEqualTo(State.BROKEN);
        Files.write(file, before);
      }
    }
    assertThat(verify(folder.resolve("full")).state()).isEqualTo(State.VERIFIED);
  }

  @Test
  void aProofVerifiesOfflineAndSaysWhichRecordItIsOf() throws Exception {
    ProofFile.Proven proven = ProofFile.verify(proof, keys());
    assertThat(proven.chain()).isEqualTo(chain);
    assertThat(proven.seq()).isEqualTo(100);
    assertThat(proven.code()).isEqualTo("OBO1001D");
    assertThat(proven.size()).isGreaterThan(proven.index());
  }

  @Test
  void aProofWithAnyCharacterChangedIsNone() {
    for (int at = 0; at < proof.length(); at += 7) {
      char other = proof.charAt(at) == 'B' ? 'C' : 'B';
      String changed = proof.substring(0, at) + other + proof.substring(at + 1);
      assertThatThrownBy(() -> ProofFile.verify(changed, keys()))
          .as("at %d", at)
          .isInstanceOf(ProofFile.NotProven.class);
    }
  }

  private static Verification verify(Path tiles) throws Exception {
    return new TileFiles(tiles, keys(), List.of(), (records, of) -> {}).verify();
  }

  private static PublicKeys keys() throws Exception {
    return PublicKeys.of(key.logKeys().stream().map(NoteKey::toString).toList());
  }
}
