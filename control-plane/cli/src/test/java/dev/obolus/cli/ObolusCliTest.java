// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Column;
import dev.obolus.audit.AuditEvent.Conclusion;
import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.AuditEvent.Resource;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.personal.FileKeyEncryption;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.audit.postgres.LogSettings;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObolusCliTest {
  @TempDir Path folder;

  private final TestPostgres.Database database = TestPostgres.fresh();

  @Test
  void aMigratedEmptyLogHasNothingToVerify() throws Exception {
    assertThat(migrate().exit()).isZero();
    Said said = verify();
    assertThat(said.exit()).isEqualTo(4);
    assertThat(said.out()).contains("PENDING: nothing to verify yet");
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
  void oneRecordIsVerifiedByItsPlace() throws Exception {
    writeSomething();
    String chain = text("SELECT encode(chain, 'hex') FROM obolus.audit_head");
    Said said = verify("--key", rootKey().toString(), "--record", chain + "/2");
    assertThat(said.out()).startsWith("VERIFIED: 1 record in 1 chain");
    assertThat(said.exit()).isZero();
    Said gone = verify("--key", rootKey().toString(), "--record", chain + "/9");
    assertThat(gone.out()).startsWith("BROKEN: record 9 of chain " + chain + " is missing");
    assertThat(gone.exit()).isEqualTo(1);
    assertThat(verify("--record", "x/1").exit()).isEqualTo(2);
    Said stranger = verify("--public-keys", publicKeys().toString(), "--record", chain + "/2");
    assertThat(stranger.out()).startsWith("PENDING: ").contains("no checkpoint covers it yet");
    assertThat(stranger.exit()).isEqualTo(4);
  }

  private Path publicKeys() throws Exception {
    SigningKey key =
        SigningKey.create(folder.resolve("log.key"), "obolus/test", new SecureRandom());
    return Files.write(
        folder.resolve("log.pub"), key.logKeys().stream().map(NoteKey::toString).toList());
  }

  private String text(String query) throws Exception {
    try (Connection connection = database.asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }

  @Test
  void aBookmarkIsWrittenAndOneOfAnotherKindRefused() throws Exception {
    writeSomething();
    Path bookmark = folder.resolve("bookmark");
    for (int i = 0; i < 2; i++) {
      assertThat(verify("--bookmark", bookmark.toString()).exit()).isZero();
      assertThat(Files.readString(bookmark)).startsWith("obolus-bookmark/2\nkeys -\n");
    }
    Said said = verify("--bookmark", bookmark.toString(), "--key", rootKey().toString());
    assertThat(said.exit()).isEqualTo(3);
    assertThat(said.err()).contains("was made with the keys -");
  }

  @Test
  void anExportIsVerifiedWithoutTheDatabase() throws Exception {
    writeSomething();
    Path file = folder.resolve("log.jsonl");
    assertThat(audit("export", "--out", file.toString()).exit()).isZero();
    Said sound =
        Said.by("audit", "verify", "--evidence", file.toString(), "--key", rootKey().toString());
    assertThat(sound.out()).startsWith("VERIFIED: ");
    assertThat(sound.exit()).isZero();
    Path cut = Files.write(file, Files.readAllLines(file).subList(0, 1));
    Said broken = Said.by("audit", "verify", "--evidence", cut.toString());
    assertThat(broken.out()).startsWith("BROKEN: record 2 of chain ");
    assertThat(broken.exit()).isEqualTo(1);
  }

  @Test
  void aDatabaseThatDoesNotAnswerIsExitThree() throws Exception {
    Said said =
        Said.by(
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
        Said.by(
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
    Said said =
        Said.by("policy", "check", "--policies", "../../policies", "--opa", opa().toString());
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
    Said said =
        Said.by("policy", "check", "--policies", folder.toString(), "--opa", opa().toString());
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
  void anExportThatCannotBeSignedLeavesNoFile() throws Exception {
    writeSomething();
    Path file = folder.resolve("log.jsonl");
    Said said = audit("export", "--out=" + file, "--key=" + folder.resolve("none.key"));
    assertThat(said.exit()).isEqualTo(3);
    assertThat(said.err()).startsWith("obolus: the export was not written: the signing key is not");
    assertThat(file).doesNotExist();
    assertThat(audit("export", "--out=" + file).exit()).isZero();
    Said again = audit("export", "--out=" + file);
    assertThat(again.exit()).isEqualTo(3);
    assertThat(again.err()).contains(file + " is there already");
  }

  @Test
  void nobodyAccessedALabelThatNothingHas() throws Exception {
    writeSomething();
    Said said = audit("who-accessed", "pii");
    assertThat(said.exit()).as(said.err()).isZero();
  }

  @Test
  void whoWasServedALabelIsListedByPersonAgentAndColumn() throws Exception {
    writeAnswers();
    Said said = audit("who-accessed", "pii");
    assertThat(said.exit()).as(said.err()).isZero();
    List<String> lines = said.out().lines().toList();
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0))
        .startsWith("- through evil\\u202ebot, 1 answer from ")
        .endsWith(": main.sales.customers.email");
    assertThat(lines.get(1))
        .matches("p-[0-9a-f]{32} through copilot, 2 answers from \\S+ to \\S+: .*")
        .endsWith(": main.sales.customers.email, main.sales.orders.email");

    assertThat(audit("who-accessed", "internal").out().lines().toList())
        .as("a table's own label")
        .hasSize(1)
        .allMatch(line -> line.endsWith(": main.sales.orders"));
    assertThat(audit("who-accessed", "secret").out())
        .as("denied, failed: nobody was served")
        .isEqualTo("Nobody was served data labelled secret." + System.lineSeparator());
    assertThat(audit("who-accessed", "PII").out()).startsWith("Nobody");
  }

  @Test
  void whoWasServedIsAskedOfASpanAndToldAsJson() throws Exception {
    writeAnswers();
    Said json = audit("who-accessed", "pii", "--json", "--since", "now-1h", "--until", "now");
    assertThat(json.exit()).as(json.err()).isZero();
    assertThat(json.out().lines().toList())
        .hasSize(2)
        .anyMatch(line ->
            line.matches(
                "\\{\"person\":\"p-[0-9a-f]{32}\",\"agent\":\"copilot\",\"answers\":2,"
                    + "\"first\":\"[^\"]+Z\",\"last\":\"[^\"]+Z\",\"columns\":\\["
                    + "\"main.sales.customers.email\",\"main.sales.orders.email\"]}"));
    assertThat(audit("who-accessed", "pii", "--since", "now").out())
        .isEqualTo("Nobody was served data labelled pii then." + System.lineSeparator());
    assertThat(audit("who-accessed", "pii", "--json", "--until", "2020-01-01").out()).isEmpty();
    for (String wrong : List.of("yesterday", "now effect:deny", "now\" effect:deny \"")) {
      Said said = audit("who-accessed", "pii", "--since", wrong);
      assertThat(said.exit()).as(wrong).isEqualTo(2);
      assertThat(said.err()).contains("2026-11-21T14:31:02");
    }
  }

  /** Two answers to a person, one to an application, one denial and one failure. */
  private void writeAnswers() throws Exception {
    assertThat(migrate().exit()).isZero();
    try (AuditDatabase log = openLog()) {
      Optional<Person> person = Optional.of(new Person(TENANT, "alice"));
      answer(log, decided("allow", person, "copilot", ORDERS), true);
      answer(log, decided("allow", person, "copilot", CUSTOMERS), true);
      answer(log, decided("allow", Optional.empty(), "evil\u202Ebot", CUSTOMERS), true);
      answer(log, decided("allow", person, "copilot", SALARIES), false);
      Receipt _ =
          Objects.requireNonNull(
              log.log().append(decided("deny", person, "copilot", SALARIES)).block());
    }
  }

  private static final String TENANT = "11111111-1111-4111-8111-111111111111";
  private static final Resource ORDERS =
      new Resource(
          "main.sales.orders",
          List.of("internal"),
          List.of(new Column("id", List.of()), new Column("email", List.of("pii"))));
  private static final Resource CUSTOMERS =
      new Resource("main.sales.customers", List.of(), List.of(new Column("email", List.of("pii"))));
  private static final Resource SALARIES =
      new Resource("main.hr.salaries", List.of("secret"), List.of());

  private static void answer(AuditDatabase log, Decided permit, boolean served) {
    Receipt receipt = Objects.requireNonNull(log.log().append(permit).block());
    Conclusion end =
        Conclusion.of(permit, receipt, 1, 2, Optional.empty(), List.of(), Duration.ofMillis(3));
    AuditEvent outcome =
        served
            ? new AuditEvent.Served(end, false, List.of())
            : new AuditEvent.Failed(end, "source_denied", true, "finished");
    Receipt _ = Objects.requireNonNull(log.log().append(outcome).block());
  }

  private static Decided decided(
      String effect, Optional<Person> person, String agent, Resource resource) {
    return new Decided(
        UUID.randomUUID().toString(),
        TENANT,
        person,
        new AuditEvent.Actor("client", Optional.of(agent), "verified-agent", List.of()),
        "obo",
        "test",
        "databricks-sales",
        "query",
        "read",
        List.of(resource),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        "request",
        effect,
        List.of(),
        List.of(),
        "r-1",
        "wasm",
        Duration.ofMillis(1),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void wrongUsageIsExitTwo() {
    assertThat(Said.by("audit", "verify", "--nonsense").exit()).isEqualTo(2);
  }

  private void writeSomething() throws Exception {
    assertThat(migrate().exit()).isZero();
    // opening and closing are records of their own
    openLog().close();
  }

  private AuditDatabase openLog() throws Exception {
    DatabaseSettings place =
        new DatabaseSettings(
            database.host(),
            database.port(),
            database.name(),
            TestPostgres.GATEWAY,
            secret("gateway.password", TestPostgres.GATEWAY),
            DatabaseSettings.Tls.PLAIN);
    AuditDatabase log =
        AuditDatabase.open(
            place,
            LogSettings.defaults("obolus/test", Map.of()),
            RootKey.create(rootKey(), new SecureRandom()),
            FileKeyEncryption.create(folder.resolve("value.key"), new SecureRandom()),
            new SecureRandom(),
            Clock.systemUTC());
    while (!log.log().ready()) {
      Thread.sleep(10);
    }
    return log;
  }

  private Path rootKey() {
    return folder.resolve("root.key");
  }

  private Said migrate() throws Exception {
    return Said.by(
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
    return Said.by(arguments.toArray(String[]::new));
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
}
