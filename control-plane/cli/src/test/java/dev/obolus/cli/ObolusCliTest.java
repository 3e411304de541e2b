// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.personal.FileKeyEncryption;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.audit.postgres.LogSettings;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObolusCliTest {
  @TempDir Path folder;

  private final TestPostgres.Database database = TestPostgres.fresh();

  private record Said(int exit, String out, String err) {}

  @Test
  void aMigratedEmptyLogHasNothingToVerify() throws Exception {
    assertThat(migrate().exit()).isZero();
    Said said = verify();
    assertThat(said.exit()).isZero();
    assertThat(said.out()).contains("Nothing to verify yet");
  }

  @Test
  void aLogOfAnOlderSchemaIsSaidToNeedMigrating() throws Exception {
    assertThat(migrate().exit()).isZero();
    try (Connection connection = database.asSuperuser();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE obolus.audit_tile CASCADE");
    }
    for (Said said : List.of(verify(), audit("who-accessed", "pii"))) {
      assertThat(said.err()).doesNotContain("ERROR:");
    }
    assertThat(verify().exit()).isEqualTo(3);
    assertThat(verify().err()).contains("run obolus migrate");
  }

  @Test
  void migratingTwiceChangesNothing() throws Exception {
    assertThat(migrate().out()).isEqualTo(migrate().out()).startsWith("the schema is at ");
  }

  @Test
  void aSoundLogIsVerifiedAndItsRecordsCounted() throws Exception {
    writeSomething();
    Said said = verify("--key", rootKey().toString());
    assertThat(said.exit()).isZero();
    assertThat(said.out()).startsWith("VERIFIED: ").contains(" records in 1 chain, ");
  }

  @Test
  void withoutTheKeyItSaysWhatWasNotChecked() throws Exception {
    writeSomething();
    Said said = verify();
    assertThat(said.exit()).isZero();
    assertThat(said.out()).contains("Without the root key only hashes and links were checked");
  }

  @Test
  void aChangedByteIsNamedInWordsAndIsExitOne() throws Exception {
    writeSomething();
    try (Connection connection = database.asSuperuser();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "UPDATE obolus.audit_record SET canonical ="
              + " set_byte(canonical, 60, get_byte(canonical, 60) # 1) WHERE seq = 1");
    }
    Said said = verify("--key", rootKey().toString());
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.out()).startsWith("BROKEN: record 1 of chain ");
  }

  @Test
  void aBookmarkIsWrittenAndOneOfAnotherKindRefused() throws Exception {
    writeSomething();
    Path bookmark = folder.resolve("bookmark");
    for (int i = 0; i < 2; i++) {
      assertThat(verify("--bookmark", bookmark.toString()).exit()).isZero();
      assertThat(Files.readString(bookmark)).startsWith("obolus-bookmark/1\nkeys -\n");
    }
    Said said = verify("--bookmark", bookmark.toString(), "--key", rootKey().toString());
    assertThat(said.exit()).isEqualTo(3);
    assertThat(said.err()).contains("was made with root keys -");
  }

  @Test
  void anExportIsVerifiedWithoutTheDatabase() throws Exception {
    writeSomething();
    Path file = folder.resolve("log.jsonl");
    assertThat(audit("export", "--out", file.toString()).exit()).isZero();
    Said sound =
        run("audit", "verify", "--evidence", file.toString(), "--key", rootKey().toString());
    assertThat(sound.out()).startsWith("VERIFIED: ");
    assertThat(sound.exit()).isZero();
    Path cut = Files.write(file, Files.readAllLines(file).subList(0, 1));
    Said broken = run("audit", "verify", "--evidence", cut.toString());
    assertThat(broken.out()).startsWith("BROKEN: record 2 of chain ");
    assertThat(broken.exit()).isEqualTo(1);
  }

  @Test
  void aDatabaseThatDoesNotAnswerIsExitThree() throws Exception {
    Said said =
        run(
            "audit",
            "verify",
            "--url",
            "jdbc:postgresql://127.0.0.1:1/obolus",
            "--user",
            "nobody",
            "--password-file",
            secret("p", "x").toString());
    assertThat(said.exit()).isEqualTo(3);
    assertThat(said.err()).startsWith("obolus: the log cannot be read: ");
  }

  @Test
  void aPasswordThatOthersMayReadIsNotUsed() throws Exception {
    Path open = secret("p", TestPostgres.GATEWAY);
    assertThat(Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--")))
        .isEqualTo(open);
    Said said =
        run(
            "audit",
            "verify",
            "--url",
            database.jdbcUrl(),
            "--user",
            TestPostgres.GATEWAY,
            "--password-file",
            open.toString());
    assertThat(said.exit()).isEqualTo(3);
    assertThat(said.err()).contains("chmod 600");
  }

  @Test
  void thePoliciesOfThisRepositoryPass() {
    Said said = run("policy", "check", "--policies", "../../policies", "--opa", opa().toString());
    assertThat(said.out()).isEqualTo("check: passed" + System.lineSeparator());
    assertThat(said.exit()).isZero();
  }

  @Test
  void aFaultyPolicyIsNamedWithItsLine() throws Exception {
    Path team = Files.createDirectories(folder.resolve("team/sales"));
    Files.writeString(team.resolve("sales.rego"), "package team.sales\n\nallow contains if {\n");
    Files.createDirectories(folder.resolve("schemas"));
    Files.copy(
        Path.of("../../policies/schemas/input-v1.schema.json"),
        folder.resolve("schemas/input-v1.schema.json"));
    Said said = run("policy", "check", "--policies", folder.toString(), "--opa", opa().toString());
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.out()).contains("team/sales/sales.rego:3");
  }

  private static Path opa() {
    return Path.of("../../.tools/opa").toAbsolutePath();
  }

  @Test
  void theLogIsHandedOverInEachFormatByItsNameInSmallLetters() throws Exception {
    writeSomething();
    for (String format : List.of("evidence", "ocsf", "cef")) {
      Path file = folder.resolve("log." + format);
      Said said = audit("export", "--format", format, "--out", file.toString());
      assertThat(said.exit()).as(said.err()).isZero();
      assertThat(said.out()).contains(" records in " + file);
      assertThat(Files.readAllLines(file)).hasSizeGreaterThan(1);
      assertThat(file.resolveSibling("log." + format + ".manifest")).isNotEmptyFile();
    }
  }

  @Test
  void nobodyAccessedALabelThatNothingHas() throws Exception {
    writeSomething();
    Said said = audit("who-accessed", "pii");
    assertThat(said.exit()).as(said.err()).isZero();
  }

  @Test
  void wrongUsageIsExitTwo() {
    assertThat(run("audit", "verify", "--nonsense").exit()).isEqualTo(2);
  }

  private void writeSomething() throws Exception {
    assertThat(migrate().exit()).isZero();
    DatabaseSettings place =
        new DatabaseSettings(
            database.host(),
            database.port(),
            database.name(),
            TestPostgres.GATEWAY,
            secret("gateway.password", TestPostgres.GATEWAY),
            DatabaseSettings.Tls.PLAIN);
    RootKey root = RootKey.create(rootKey(), new SecureRandom());
    // opening and closing are records of their own
    try (AuditDatabase log =
        AuditDatabase.open(
            place,
            LogSettings.defaults("obolus/test", Map.of()),
            root,
            FileKeyEncryption.create(folder.resolve("value.key"), new SecureRandom()),
            new SecureRandom(),
            Clock.systemUTC())) {
      while (!log.log().ready()) {
        Thread.sleep(10);
      }
    }
  }

  private Path rootKey() {
    return folder.resolve("root.key");
  }

  private Said migrate() throws Exception {
    return run(
        "migrate",
        "--url",
        database.jdbcUrl(),
        "--user",
        TestPostgres.OWNER,
        "--password-file",
        secret("owner.password", TestPostgres.OWNER).toString());
  }

  private Said verify(String... more) throws Exception {
    return audit("verify", more);
  }

  private Said audit(String action, String... more) throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "audit",
                action,
                "--url",
                database.jdbcUrl(),
                "--user",
                TestPostgres.GATEWAY,
                "--password-file",
                secret("gateway.password", TestPostgres.GATEWAY).toString()));
    arguments.addAll(List.of(more));
    return run(arguments.toArray(String[]::new));
  }

  @CanIgnoreReturnValue
  private Path secret(String name, String value) throws Exception {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    return Files.writeString(file, value);
  }

  private static Said run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit =
        ObolusCli.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new Said(exit, out.toString(), err.toString());
  }
}
