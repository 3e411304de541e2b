// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.personal.FileKeyEncryption;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.audit.postgres.LogSettings;
import dev.obolus.cli.ObolusCli;
import dev.obolus.e2e.RunningDemo.Answer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where operators sit: the log's commands on a running demo, as they run on anybody's machine, the
 * second verifier, and records of months ago.
 */
final class AuditDesk {
  static final String TENANT = "0b010500-0000-4000-8000-000000000001";

  private final RunningDemo demo;
  private final Path folder;
  private final Path keys;

  /**
   * @param folder a test's own
   */
  AuditDesk(RunningDemo demo, Path folder) {
    this.demo = demo;
    this.folder = folder;
    this.keys = demo.data().resolve("keys");
  }

  /** What a command said, and how it ended. */
  record Said(int exit, String text) {
    JsonNode json() {
      return JsonMapper.shared().readTree(text);
    }

    String word(String member) {
      return json().path(member).asString("");
    }

    /** Of the record that the answer names: CHAIN/SEQ. */
    String place() {
      JsonNode receipt = json().path("receipt");
      return receipt.path("chain").asString() + "/" + receipt.path("seq").asLong();
    }
  }

  /** A command as it is. */
  Said run(String... arguments) {
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said);
    int exit = ObolusCli.commandLine().setOut(out).setErr(out).execute(arguments);
    return new Said(exit, said.toString());
  }

  /** One that asks the gateway, with a token. */
  Said ask(Path token, String... arguments) {
    String[] where = {"--gateway", demo.url("gateway"), "--token-file", token.toString()};
    return run(joined(arguments, where));
  }

  /** One that reads the log's database. */
  Said onDatabase(String role, String... arguments) {
    return onCopy("jdbc:" + demo.url("database"), role, arguments);
  }

  /** The same, on a copy of it. */
  Said onCopy(String url, String role, String... arguments) {
    String password = keys.resolve(role + ".password").toString();
    return run(joined(arguments, "--url", url, "--user", role, "--password-file", password));
  }

  private static String[] joined(String[] first, String... second) {
    return Stream.of(first, second).flatMap(Stream::of).toArray(String[]::new);
  }

  String key(String name) {
    return keys.resolve(name).toString();
  }

  /** An operator's token, after a sign-in of now. */
  Path token(String who) throws IOException {
    Answer answer =
        demo.post(
            demo.url("sandbox") + "/sandbox/token",
            null,
            "{\"who\":\"%s\",\"resource\":\"operator\"}".formatted(who));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return Files.writeString(
        folder.resolve(who + ".token"), answer.json().path("access_token").asString());
  }

  /**
   * Verifies the log by the root key, by public keys, from an export and from tiles, by our
   * verifier and by the one in Python; answers what each said.
   */
  List<Said> everyVerifier() throws Exception {
    String tiles = folder.resolve("tiles").toString();
    String evidence = folder.resolve("log.jsonl").toString();
    String gateway = "obolus_gateway";
    assertThat(onDatabase(gateway, "audit", "tiles", tiles, "--entries").exit()).isZero();
    Said written =
        onDatabase(
            "obolus_console", "audit", "export", "--out", evidence, "--key", key("checkpoint.key"));
    assertThat(written.exit()).as(written.text()).isZero();
    String root = key("root.key");
    String trusted = key("checkpoint.pub");
    List<Said> found =
        List.of(
            onDatabase(gateway, "audit", "verify", "--no-progress", "--key", root),
            onDatabase(gateway, "audit", "verify", "--no-progress", "--public-keys", trusted),
            run("audit", "verify", "--tiles", tiles, "--public-keys", trusted),
            run("audit", "verify", "--evidence", evidence, "--public-keys", trusted, "--key", root),
            python("tiles", tiles, "--keys", trusted),
            python("evidence", evidence, "--keys", trusted, "--root-key", root));
    assertThat(found)
        .allSatisfy(said -> {
          assertThat(said.exit()).as(said.text()).isZero();
          assertThat(said.text()).contains("VERIFIED");
        });
    return found;
  }

  private static Said python(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "python3", RunningDemo.ROOT.resolve("docs/verify/obolus_verify.py").toString()));
    command.addAll(List.of(arguments));
    Process python = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(python.getInputStream().readAllBytes(), UTF_8);
    return new Said(python.waitFor(), said);
  }

  /** Until every record is in the tree. */
  void untilSigned() {
    RunningDemo.until(() ->
        number(
                "SELECT (SELECT sum(seq) FROM obolus.audit_head) - coalesce((SELECT sum(leaves)"
                    + " FROM obolus.audit_tree_span WHERE chain IS NOT NULL), 0)")
            == 0);
  }

  /** A gateway's writer whose clock is in the middle of that month. */
  AuditDatabase writerIn(YearMonth month) throws Exception {
    makeMonth(month);
    makeMonth(month.plusMonths(1));
    Duration ago =
        Duration.between(
            month.atDay(15).atStartOfDay(), LocalDate.now(ZoneOffset.UTC).atStartOfDay());
    return writer(demo.url("database"), Clock.offset(Clock.systemUTC(), ago.negated()));
  }

  /** A gateway's writer on a database, in no hurry. */
  AuditDatabase writer(String database, Clock clock) throws IOException {
    SecureRandom random = new SecureRandom();
    URI at = URI.create(database);
    AuditDatabase log =
        AuditDatabase.open(
            new DatabaseSettings(
                "127.0.0.1",
                at.getPort(),
                at.getPath().substring(1),
                "obolus_gateway",
                keys.resolve("obolus_gateway.password"),
                DatabaseSettings.Tls.PLAIN),
            new LogSettings(
                "obolus/demo",
                Map.of("issuer", "https://entra.obolus.test"),
                4096,
                256,
                256 * 1024,
                RunningDemo.PATIENCE,
                RunningDemo.PATIENCE,
                Duration.ofSeconds(5),
                false),
            RootKey.read(keys.resolve("root.key")),
            new FileKeyEncryption(keys.resolve("value.key"), random),
            random,
            clock);
    RunningDemo.until(log.log()::ready);
    return log;
  }

  String database() {
    return demo.url("database");
  }

  static Receipt append(AuditDatabase log, AuditEvent event) {
    return log.log().append(event).blockOptional().orElseThrow();
  }

  static AuditEvent signedIn(String tenant, String who) {
    return new AuditEvent.SignedIn(
        tenant, new AuditEvent.Person(tenant, who), "console", List.of("Auditor"));
  }

  static int epoch(YearMonth month) {
    return month.getYear() * 100 + month.getMonthValue();
  }

  private void makeMonth(YearMonth month) throws SQLException {
    int epoch = epoch(month);
    sql(
        "CREATE TABLE IF NOT EXISTS obolus.audit_record_%d PARTITION OF obolus.audit_record FOR VALUES FROM (%d) TO (%d)"
            .formatted(epoch, epoch, epoch + 1),
        "ALTER TABLE obolus.audit_record_%d OWNER TO obolus_owner".formatted(epoch));
  }

  long number(String query) {
    try (Connection connection = demo.asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      assertThat(row.next()).isTrue();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  void sql(String... statements) throws SQLException {
    try (Connection connection = demo.asSuperuser();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        boolean _ = statement.execute(sql);
      }
    }
  }
}
