// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Actor;
import dev.obolus.audit.AuditEvent.Column;
import dev.obolus.audit.AuditEvent.Conclusion;
import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.AuditEvent.Reason;
import dev.obolus.audit.AuditEvent.Resource;
import dev.obolus.audit.AuditEvent.Served;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.personal.FileKeyEncryption;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.audit.postgres.LogSettings;
import dev.obolus.migrations.DatabaseMigration;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The console on the real log: PostgreSQL, the real writer, the read-only role. */
class PostgresTest extends ConsoleHost {
  private static final TestPostgres.Database DATABASE = TestPostgres.fresh();
  private static final Path KEYS = keys();
  private static final AuditDatabase GATEWAYS_LOG = open();

  private static Path keys() {
    try {
      assertThat(
              DatabaseMigration.migrate(DATABASE.jdbcUrl(), TestPostgres.OWNER, TestPostgres.OWNER))
          .isNotEmpty();
      var keys = Files.createTempDirectory("console-postgres-");
      for (var role : List.of(TestPostgres.GATEWAY, TestPostgres.CONSOLE)) {
        Files.writeString(keys.resolve(role + ".password"), role);
        Files.setPosixFilePermissions(
            keys.resolve(role + ".password"), PosixFilePermissions.fromString("rw-------"));
      }
      return keys;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static AuditDatabase open() {
    try {
      return AuditDatabase.open(
          new DatabaseSettings(
              DATABASE.host(),
              DATABASE.port(),
              DATABASE.name(),
              TestPostgres.GATEWAY,
              KEYS.resolve(TestPostgres.GATEWAY + ".password"),
              DatabaseSettings.Tls.PLAIN),
          LogSettings.defaults("obolus/test", Map.of("issuer", "https://entra.obolus.test")),
          RootKey.create(KEYS.resolve("root.key"), new SecureRandom()),
          FileKeyEncryption.create(KEYS.resolve("value.key"), new SecureRandom()),
          new SecureRandom(),
          Clock.systemUTC());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterAll
  static void close() {
    GATEWAYS_LOG.close();
  }

  @DynamicPropertySource
  static void database(DynamicPropertyRegistry registry) {
    registry.add("obolus.audit.host", DATABASE::host);
    registry.add("obolus.audit.port", DATABASE::port);
    registry.add("obolus.audit.database", DATABASE::name);
    registry.add("obolus.audit.username", () -> TestPostgres.CONSOLE);
    registry.add(
        "obolus.audit.password-file",
        () -> KEYS.resolve(TestPostgres.CONSOLE + ".password").toString());
  }

  @com.google.errorprone.annotations.CanIgnoreReturnValue
  private static Receipt append(AuditEvent event) {
    await();
    return Objects.requireNonNull(GATEWAYS_LOG.log().append(event).block(Duration.ofSeconds(30)));
  }

  private static void await() {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!GATEWAYS_LOG.log().ready() && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  private static Decided decided(String decision, String effect, String reason) {
    return new Decided(
        decision,
        Records.TENANT,
        Optional.of(new Person(Records.TENANT, "0b010500-0000-4000-8000-0000000000c1")),
        new Actor(
            "0b010500-0000-4000-8000-0000000000b1",
            Optional.of("finance-copilot"),
            "verified-agent",
            List.of("planner-bot")),
        "obo",
        "demo",
        "databricks-sales",
        "query",
        "read",
        List.of(
            new Resource(
                "main.sales.orders",
                List.of("internal"),
                List.of(new Column("email", List.of("pii"))))),
        Optional.of("quarterly-report"),
        Optional.of("c-1"),
        Optional.empty(),
        Optional.of("uti-1"),
        "6a1e4c1c-8a7e-4d15-9d0c-8f3f5f6f7f80",
        effect,
        List.of(new Reason(reason, "team.sales", Map.of("table", "orders"))),
        List.of("row_filter"),
        "r-1",
        "wasm",
        Duration.ofNanos(412_000),
        Optional.of("SELECT secret_column FROM main.sales.orders"),
        Optional.empty(),
        Optional.of("[{}]"));
  }

  private static Served served(String decision, Receipt permit) {
    return new Served(
        Conclusion.of(
            decided(decision, "allow", "SALES-001"),
            permit,
            42,
            3276,
            Optional.of("0d9b1fd4"),
            List.of("01ef-stmt"),
            Duration.ofMillis(38)),
        false,
        List.of("rows"));
  }

  @Test
  void aRecordOfTheRealLogIsToldInFullAndHashesToItsLeaf() throws NoSuchAlgorithmException {
    var permit = append(decided("d-real-1", "allow", "SALES-001"));
    var outcome = append(served("d-real-1", permit));

    var visitor = signedIn(StandInIdentity.Who.OLGA);
    var list = visitor.get("/audit").body();
    assertThat(list).contains("Allowed", "Served", "42 rows, 3.3 KB", "Chain opened");

    var page = visitor.get("/audit/d/d-real-1").body();
    assertThat(page)
        .contains("finance-copilot", "planner-bot", "main.sales.orders", "email", "pii")
        .contains("Sales people read orders of their own region.", "01ef-stmt", permit.leaf())
        .doesNotContain("secret_column", "0000000000c1");
    var canonical = Pattern.compile("data-canonical=\"([0-9a-f]+)\"").matcher(page);
    assertThat(canonical.find()).isTrue();
    var sha256 = MessageDigest.getInstance("SHA-256");
    sha256.update((byte) 0);
    assertThat(HexFormat.of().formatHex(sha256.digest(HexFormat.of().parseHex(canonical.group(1)))))
        .isEqualTo(permit.leaf());
    assertThat(visitor.get("/audit/records/" + outcome.chain() + "/" + outcome.seq()).body())
        .contains("asked: query on main.sales.orders", outcome.leaf());
  }

  @Test
  void aRecordIsOnTheStreamOnceItIsCommitted() throws IOException, InterruptedException {
    var visitor = signedIn(StandInIdentity.Who.OLGA);
    var after = Pattern.compile("data-after=\"([^\"]+)\"").matcher(visitor.get("/audit").body());
    assertThat(after.find()).isTrue();
    var stream =
        visitor.http.send(
            HttpRequest.newBuilder(
                    URI.create(url() + "/stream?q=decision:d-real-2&after=" + after.group(1)))
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    assertThat(append(decided("d-real-2", "deny", "SALES-004")).seq()).isPositive();
    try (var lines =
        new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
      assertThat(lines.lines().filter(line -> line.startsWith("data:{\"id\"")).findFirst())
          .hasValueSatisfying(
              frame -> assertThat(frame).contains("\"n\":1", "SALES-004", "finance-copilot"));
    }
  }

  @Test
  void theStoreUnderstandsEveryFilterAsTheTailDoes() {
    append(decided("d-real-3", "deny", "SALES-004"));
    var visitor = signedIn(StandInIdentity.Who.OLGA);
    for (var q :
        List.of(
            "effect:deny",
            "event:decided",
            "client:0b010500-0000-4000-8000-0000000000b1",
            "connector:databricks-sales",
            "resource:main.sales.orders",
            "reason:SALES-004",
            "decision:d-real-3",
            "label:pii",
            "agent:finance-*%20-effect:allow",
            "class:read%20lane:obo%20action:query%20rule:SALES-004",
            "purpose:quarterly-report%20conversation:c-1%20token.jti:uti-1%20rev:r-1",
            "ms:0.3..0.5%20from:now-1h%20text:sales")) {
      assertThat(visitor.get("/audit?q=" + q).body()).as(q).contains("SALES-004");
    }
    assertThat(visitor.get("/audit?q=-effect:deny").body()).doesNotContain("SALES-004");
  }
}
