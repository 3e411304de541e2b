// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.Receipt;
import dev.obolus.migrations.DatabaseMigration;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code obolus audit verify} of a signed log, by a stranger with its public keys. */
class VerifyCommandTest {
  @TempDir Path folder;
  private final TestPostgres.Database database = TestPostgres.fresh();
  private SmallLog log;
  private Path publicKeys;

  @BeforeEach
  void aLog() throws Exception {
    assertThat(
            DatabaseMigration.migrate(database.jdbcUrl(), TestPostgres.OWNER, TestPostgres.OWNER))
        .isNotEmpty();
    log = new SmallLog(database, folder);
    publicKeys = log.publicKeys();
  }

  @Test
  void anErasureThatIsNotSignedYetIsPendingAndExitFour() throws Exception {
    Receipt erasure = log.writeAndEraseUnsigned();
    Said said = verify();
    assertThat(said.out())
        .startsWith("PENDING: ")
        .contains(
            "as record "
                + erasure.seq()
                + " of chain "
                + erasure.chain()
                + " says, which no"
                + " checkpoint covers yet")
        .contains("verify again: a second later that is signed, or it is broken");
    assertThat(said.err()).isEmpty();
    assertThat(said.exit()).isEqualTo(4);

    Receipt _ = log.writeOn();
    Said signed = verify();
    assertThat(signed.out()).startsWith("VERIFIED: ");
    assertThat(signed.exit()).isZero();
  }

  @Test
  void aVerificationGoesOnFromItsBookmarkToTheSameResult() throws Exception {
    Receipt first = log.writeOn();
    Path bookmark = folder.resolve("bookmark");
    assertThat(bookmarked(bookmark).out()).startsWith("VERIFIED: 5 records in 1 chain");

    Receipt _ = log.writeOn();
    Said resumed = bookmarked(bookmark);
    assertThat(resumed.exit()).isZero();
    assertThat(resumed.out())
        .startsWith("VERIFIED: 5 records in ")
        .contains("\n5 more were checked before\n");
    assertThat(verify().out()).startsWith("VERIFIED: 10 records in 2 chains");

    String kept = Files.readString(bookmark);
    change(log.writeOn());
    Said broken = bookmarked(bookmark);
    assertThat(broken.exit()).isEqualTo(1);
    assertThat(broken.out()).startsWith("BROKEN: ").doesNotContain(first.chain().toString());
    assertThat(Files.readString(bookmark)).as("nothing is written down under it").isEqualTo(kept);
  }

  @Test
  void aBookmarkOfAnotherLogOrOfNoneIsNotGoneOnFrom() throws Exception {
    Receipt _ = log.writeOn();
    Path bookmark = folder.resolve("bookmark");
    assertThat(bookmarked(bookmark).exit()).isZero();
    List<String> lines = new ArrayList<>(Files.readAllLines(bookmark));

    TestPostgres.Database other = TestPostgres.fresh();
    assertThat(DatabaseMigration.migrate(other.jdbcUrl(), TestPostgres.OWNER, TestPostgres.OWNER))
        .isNotEmpty();
    Path elsewhere = Files.createDirectory(folder.resolve("other"));
    SmallLog otherLog = new SmallLog(other, elsewhere);
    Receipt _ = otherLog.writeOn();
    Said strange =
        Said.by(
            "audit",
            "verify",
            "--url=" + other.jdbcUrl(),
            "--user=" + TestPostgres.GATEWAY,
            "--password-file=" + log.secret("gateway.password", TestPostgres.GATEWAY),
            "--public-keys=" + otherLog.publicKeys(),
            "--bookmark=" + bookmark);
    assertThat(strange.exit()).as(strange.out() + strange.err()).isEqualTo(1);
    assertThat(strange.out())
        .startsWith("BROKEN: a checkpoint that was kept elsewhere, of size ")
        .contains("was not signed with the log's key\n");
    assertThat(Files.readAllLines(bookmark)).isEqualTo(lines);

    lines.set(lines.size() - 1, "nonsense");
    Path _ = Files.write(bookmark, lines);
    Said nonsense = bookmarked(bookmark);
    assertThat(nonsense.exit()).isEqualTo(3);
    assertThat(nonsense.err()).startsWith("obolus: a checkpoint or bookmark cannot be used: ");
    assertThat(nonsense.err().lines()).hasSize(1);
  }

  @Test
  void whereNoTerminalIsNothingButTheResultIsSaid() throws Exception {
    Receipt _ = log.writeOn();
    Said loud = verify();
    Said quiet = verify("--no-progress");
    assertThat(loud.err()).isEmpty();
    assertThat(quiet.err()).isEmpty();
    assertThat(loud.out()).startsWith("VERIFIED: 5 records in 1 chain").doesNotContain("\r", "[=");
  }

  @Test
  void anExportSaysWhichOfItsRecordsNoCheckpointCoversYet() throws Exception {
    Receipt _ = log.writeOn();
    assertThat(exported("all.jsonl")).contains("; 0 records are newer (pending)");
    Receipt last = log.writeUnsigned();
    assertThat(exported("more.jsonl"))
        .startsWith("VERIFIED: ")
        .contains(
            "under a checkpoint of ", "; " + (last.seq() + 1) + " records are newer (pending)");
  }

  private String exported(String name) throws Exception {
    Path file = folder.resolve(name);
    Said export =
        Said.by(
            "audit",
            "export",
            "--url=" + database.jdbcUrl(),
            "--user=" + TestPostgres.GATEWAY,
            "--password-file=" + log.secret("gateway.password", TestPostgres.GATEWAY),
            "--key=" + folder.resolve("log.key"),
            "--out=" + file);
    assertThat(export.exit()).as(export.err()).isZero();
    Said said = Said.by("audit", "verify", "--evidence=" + file, "--public-keys=" + publicKeys);
    assertThat(said.exit()).as(said.out() + said.err()).isZero();
    return said.out();
  }

  @Test
  void anOptionThatWouldNotBeLookedAtIsWrongUsage() {
    Map<String, String> wrong = new LinkedHashMap<>();
    String database = "--url --user --password-file ";
    String _ =
        wrong.put(
            "--proof",
            database
                + "--evidence --tiles --record --bookmark --checkpoint --authority --key"
                + " --key-password-file");
    String _ =
        wrong.put("--evidence", database + "--tiles --record --bookmark --checkpoint --authority");
    String _ =
        wrong.put(
            "--tiles", database + "--record --bookmark --authority --key --key-password-file");
    String _ = wrong.put("--record", "--bookmark --checkpoint --authority");
    wrong.forEach((by, options) -> {
      for (String option : options.split(" ", -1)) {
        Said said = Said.by("audit", "verify", option + "=x", by + "=x");
        assertThat(said.exit()).as(option + " " + by).isEqualTo(2);
        assertThat(said.err()).startsWith(option + " does not go with " + by + ": ");
        assertThat(said.out()).isEmpty();
      }
    });
  }

  @Test
  void anOptionThatIsLookedAtIsTaken() {
    Map<String, String> right = new LinkedHashMap<>();
    String _ = right.put("--proof", "--public-keys");
    String _ = right.put("--evidence", "--public-keys --key --key-password-file");
    String _ = right.put("--tiles", "--public-keys --checkpoint");
    String _ = right.put("--bookmark", "--public-keys --key --checkpoint --authority --url");
    right.forEach((by, options) -> {
      for (String option : options.split(" ", -1)) {
        Said said =
            Said.by("audit", "verify", "--public-keys=" + publicKeys, option + "=x", by + "=x");
        assertThat(said.exit()).as(option + " " + by).isEqualTo(3);
        assertThat(said.err()).as("a sentence").startsWith("obolus: ").hasLineCount(1);
      }
    });
  }

  @Test
  void whatARowHoldsCannotRepaintTheTerminalNorAddALine() throws Exception {
    Receipt _ = log.writeOn();
    try (Connection connection = database.asSuperuser();
        Statement statement = connection.createStatement()) {
      assertThat(
              statement.executeUpdate(
                  "UPDATE obolus.audit_record r SET canonical = forged,"
                      + " leaf = sha256('\\x00' || forged) FROM (SELECT chain, overlay(canonical"
                      + " placing '\\x1b5b324a0a4f4b21'::bytea from position(convert_to("
                      + "split_part(key_id, '-', 1), 'UTF8') in canonical)) AS forged"
                      + " FROM obolus.audit_record WHERE seq = 1) f"
                      + " WHERE r.chain = f.chain AND seq = 1"))
          .isOne();
    }
    Said said = verify("--key=" + folder.resolve("log-root.key"));
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.out())
        .startsWith("BROKEN: record 1 of chain ")
        .contains("(sealed with \\u001b[2J\\u000aOK!-")
        .doesNotContain("\u001b");
  }

  @Test
  void whatAFileOfItsNameHoldsCannotRepaintTheTerminal() {
    Said said = Said.by("audit", "verify", "--evidence=" + folder + "/\u001b[2J\u202e\nVERIFIED");
    assertThat(said.exit()).isEqualTo(3);
    assertThat(said.err())
        .contains("\\u001b[2J\\u202e VERIFIED")
        .doesNotContain("\u001b", "\u202e");
    assertThat(said.err().lines()).hasSize(1);
  }

  @Test
  void aTreeOrAProofWithoutPublicKeysIsWrongUsage() throws Exception {
    Path proof = Files.writeString(folder.resolve("a.tlog-proof"), "c2sp.org/tlog-proof@v1\n");
    for (String what : List.of("--tiles=" + folder, "--proof=" + proof)) {
      Said said = Said.by("audit", "verify", what);
      assertThat(said.exit()).as(what).isEqualTo(2);
      assertThat(said.err()).startsWith("--public-keys is needed: ");
    }
  }

  private void change(Receipt record) throws Exception {
    try (Connection connection = database.asSuperuser();
        Statement statement = connection.createStatement()) {
      assertThat(
              statement.executeUpdate(
                  "UPDATE obolus.audit_record SET canonical = set_byte(canonical, 60,"
                      + " get_byte(canonical, 60) # 1) WHERE seq = "
                      + record.seq()
                      + " AND chain = '\\x"
                      + record.chain()
                      + "'"))
          .isOne();
    }
  }

  private Said bookmarked(Path bookmark) throws Exception {
    return verify("--bookmark=" + bookmark);
  }

  private Said verify(String... more) throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "audit",
                "verify",
                "--url=" + database.jdbcUrl(),
                "--user=" + TestPostgres.GATEWAY,
                "--password-file=" + log.secret("gateway.password", TestPostgres.GATEWAY),
                "--public-keys=" + publicKeys));
    arguments.addAll(List.of(more));
    return Said.by(arguments.toArray(String[]::new));
  }
}
