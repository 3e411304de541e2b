// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.export.FileExport;
import dev.obolus.audit.export.Format;
import dev.obolus.audit.export.LogSource;
import dev.obolus.audit.fsck.Verification.State;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.LogFixture;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An export in the hands of somebody who has neither the database nor the key that signs. */
class EvidenceFileTest {
  private static final String OTHER = "99999999-9999-4999-8999-999999999999";

  @TempDir static Path home;
  @TempDir Path folder;
  private static LogFixture fixture;
  private static SigningKey key;

  /** Two chains, two tenants. */
  @BeforeAll
  static void write() throws Exception {
    fixture = LogFixture.fresh(home);
    key = SigningKey.create(home.resolve("log.key"), "obolus/test", new SecureRandom());
    for (int chain = 0; chain < 2; chain++) {
      try (AuditDatabase log = fixture.openReady()) {
        for (int i = 0; i < 3; i++) {
          assertThat(append(log, decided("deny")).seq()).isPositive();
          assertThat(append(log, decided("deny", OTHER)).seq()).isPositive();
        }
      }
    }
  }

  @Test
  void aSoundExportVerifiesWithPublicKeysAndWithTheRootKey() throws Exception {
    Path file = export(Set.of());
    Verification found = verify(file);
    assertThat(found.firstBad()).isEmpty();
    assertThat(found.state()).isEqualTo(State.VERIFIED);
    assertThat(found.records()).isEqualTo(16);
    assertThat(found.chains()).isEqualTo(2);
    assertThat(found.keyed()).isTrue();
    assertThat(verify(export(Set.of(OTHER))).records()).isEqualTo(10);
  }

  @Test
  void aRecordLeftOutOfATenantsExportIsNamedByTheCountsWithin() throws Exception {
    Path file = export(Set.of(OTHER));
    assertFault(Fault.TENANT_SEQ, file, lines -> without(lines, 2));
    assertFault(Fault.TRUNCATED, file, lines -> without(lines, lines.size() - 2));
  }

  @Test
  void aRecordLeftOutMovedOrRepeatedIsNamed() throws Exception {
    Path file = export(Set.of());
    assertFault(Fault.MISSING, file, lines -> without(lines, 2));
    assertFault(Fault.DUPLICATE, file, lines -> with(lines, 3, lines.get(2)));
    assertFault(Fault.TRUNCATED, file, lines -> lines.subList(0, 7));
  }

  @Test
  void aChangedLineIsNamed() throws Exception {
    Path file = export(Set.of());
    assertFault(
        Fault.LEAF, file, lines -> edited(lines, "canonical\":\"T0JP", "canonical\":\"T0JQ"));
    assertFault(Fault.MANIFEST, file, lines -> edited(lines, "deny", "allow"));
    assertFault(Fault.MANIFEST, file, lines -> edited(lines, "\"record\":", "\"recorded\":"));
    assertFault(
        Fault.MAC,
        file,
        lines -> {
          String mac = lines.get(7).replaceAll(".*\"mac\":\"([0-9a-f]{64})\".*", "$1");
          return lines.stream().map(line -> line.replace(mac, "00" + mac.substring(2))).toList();
        });
  }

  @Test
  void aManifestThatWasNotSignedOrWasEditedIsRefused() throws Exception {
    Path file = export(Set.of());
    Path manifest = manifest(file);
    String signed = Files.readString(manifest);
    for (String bad :
        List.of(
            signed.substring(0, signed.indexOf("\n\n") + 1),
            signed.replace("records 16", "records 17"),
            key.signManifest("obolus-export/v1\n", Instant.now()).toString())) {
      Path _ = Files.writeString(manifest, bad);
      try {
        assertThat(verify(file).firstBad().orElseThrow().fault()).isEqualTo(Fault.MANIFEST);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("manifest lacks");
      }
    }
  }

  private Path export(Set<String> tenants) throws Exception {
    Path file = folder.resolve("log-" + tenants.size() + ".jsonl");
    try (Connection connection = fixture.database().as("obolus_console")) {
      FileExport.Exported exported =
          new FileExport(new LogSource(connection), Format.EVIDENCE, tenants).to(file);
      Path _ =
          Files.writeString(
              manifest(file), key.signManifest(exported.manifest(), Instant.now()).toString());
    }
    return file;
  }

  private static Path manifest(Path file) {
    return file.resolveSibling(file.getFileName() + ".manifest");
  }

  private static Verification verify(Path file) throws Exception {
    return new EvidenceFile(
            file,
            manifest(file),
            List.of(VerifierKey.read(fixture.rootKeyFile())),
            Optional.of(PublicKeys.of(key.logKeys().stream().map(NoteKey::toString).toList())),
            (records, of) -> {})
        .verify();
  }

  /** Somebody edits the file, and lets the manifest stand. */
  private static void assertFault(Fault fault, Path file, UnaryOperator<List<String>> edit)
      throws Exception {
    List<String> lines = Files.readAllLines(file);
    Path _ = Files.write(file, edit.apply(lines));
    Verification found = verify(file);
    assertThat(found.state()).isEqualTo(State.BROKEN);
    assertThat(found.firstBad().orElseThrow().fault()).isEqualTo(fault);
    Path _ = Files.write(file, lines);
    assertThat(verify(file).state()).isEqualTo(State.VERIFIED);
  }

  private static List<String> without(List<String> lines, int index) {
    List<String> fewer = new ArrayList<>(lines);
    String _ = fewer.remove(index);
    return fewer;
  }

  private static List<String> with(List<String> lines, int index, String line) {
    List<String> more = new ArrayList<>(lines);
    more.add(index, line);
    return more;
  }

  private static List<String> edited(List<String> lines, String from, String to) {
    return lines.stream().map(line -> line.replace(from, to)).toList();
  }
}
