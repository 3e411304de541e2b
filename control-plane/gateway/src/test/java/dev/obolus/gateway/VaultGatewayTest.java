// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.AuditEvent.Erased;
import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.AuditEvent.SignedIn;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.Erasable;
import dev.obolus.audit.PersonalValues;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.Revealed;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.gateway.azure.LogVault;
import dev.obolus.gateway.doctor.Doctor;
import dev.obolus.gateway.operator.LogVerification;
import dev.obolus.migrations.DatabaseMigration;
import dev.obolus.sandbox.Sandbox;
import dev.obolus.sandbox.SandboxDatabase;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import reactor.core.publisher.Mono;

/** The whole gateway with the log's root key and key-encryption key in the stand-in Key Vault. */
class VaultGatewayTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Person OLGA = person("olga");
  private static final Person ALICE = person("alice");

  @TempDir static Path folder;
  private static Sandbox sandbox;
  private static TestPostgres.Database database;
  private static String root;
  private static String firstKek;
  private static ConfigurableApplicationContext application;

  @BeforeAll
  static void start() throws Exception {
    sandbox = SandboxDatabase.start(TestPostgres.own(), folder.resolve("sandbox"));
    root = sandbox.vault().vault().putSecret("log-root", "ab".repeat(32));
    firstKek = "log-kek/" + sandbox.vault().vault().putKey("log-kek");
    database = TestPostgres.fresh();
    assertThat(
            DatabaseMigration.migrate(database.jdbcUrl(), TestPostgres.OWNER, TestPostgres.OWNER))
        .isNotBlank();
    assertThat(file("password", TestPostgres.GATEWAY)).exists();
    application =
        new SpringApplicationBuilder(GatewayApplication.class, WholeGatewayTest.NoAccess.class)
            .run(settings(Map.of()));
    await();
  }

  @AfterAll
  static void stop() throws Exception {
    application.close();
    sandbox.close();
  }

  @Test
  void theLogIsSealedVerifiedAndForgottenByTheVaultsKeys() throws Exception {
    Receipt hers = append(new SignedIn(Directory.TENANT, OLGA, "c", List.of("Soc")));
    Receipt his = append(new SignedIn(Directory.TENANT, ALICE, "c", List.of("Soc")));
    assertThat(versions()).containsExactly(firstKek);
    assertThat(revealed(his)).isInstanceOf(Revealed.Value.class);
    assertThat(verified().keyed()).isTrue();
    assertThat(verified().state()).isEqualTo("verified");

    Map<String, byte[]> backup = backup();
    sandbox.journal().clear();
    forget(ALICE);
    String newKek = versions().getFirst();
    assertThat(versions()).hasSize(1).doesNotContain(firstKek);
    assertThat(calls("rotate")).isEqualTo(1);
    assertThat(calls("unwrapkey")).as("one key wraps many").isLessThanOrEqualTo(1);
    assertThat(calls("wrapkey")).as("one key wraps many").isLessThanOrEqualTo(2);
    assertThat(revealed(his)).isInstanceOf(Revealed.Erased.class);
    assertThat(revealed(hers)).as("others stay readable").isInstanceOf(Revealed.Value.class);
    assertThat(verified().state()).isEqualTo("verified");

    // a backup from before is put back, key by key: the vault unwraps none of it
    restore(backup);
    try (ConfigurableApplicationContext another =
        new SpringApplicationBuilder(GatewayApplication.class, WholeGatewayTest.NoAccess.class)
            .run(settings(Map.of()))) {
      PersonalValues values = another.getBean(PersonalValues.class);
      assertThatThrownBy(() -> get(reveal(values, hers)))
          .hasMessageContaining("vault_forbidden")
          .hasMessageContaining("KeyDisabled");
      // his is destroyed again by the gateway that starts, sooner or later
      assertThat(get(reveal(values, his).onErrorReturn(new Revealed.Erased())))
          .isInstanceOf(Revealed.Erased.class);
    }
    assertThat(newKek).startsWith("log-kek/");
  }

  @Test
  void theChainsFirstRecordSaysWhichVaultIsTrusted() throws Exception {
    assertThat(query("SELECT encode(canonical, 'escape') FROM obolus.audit_record WHERE seq = 1"))
        .isNotEmpty()
        .allMatch(first -> first.contains(identifier("secrets/log-root/" + root)));
  }

  @Test
  void writerAndVerifierHaveTheSameKeysFromWherever() throws Exception {
    Path plain = folder.resolve("plain.key");
    Path packed = folder.resolve("packed.p12");
    Path password = file("packed.password", "correct horse");
    String first = RootKey.create(plain, new SecureRandom()).id();
    String second = RootKey.create(packed, password, new SecureRandom()).id();
    String third = sandbox.vault().vault().putSecret("former", Files.readString(plain));
    for (Map<String, Object> settings :
        List.<Map<String, Object>>of(
            Map.of(
                "obolus.audit.root-key-file", packed,
                "obolus.audit.root-key-password-file", password,
                "obolus.audit.previous-root-key-file", plain),
            Map.of(
                "obolus.audit.root-key-file",
                packed,
                "obolus.audit.root-key-password-file",
                password,
                "obolus.audit.vault.previous-root",
                identifier("secrets/former/" + third),
                "obolus.identity.authority",
                sandbox.url(),
                "obolus.azure.tenant",
                Directory.TENANT,
                "obolus.azure.client-id",
                Directory.GATEWAY,
                "obolus.azure.certificate-file",
                folder.resolve("sandbox/gateway-client.pem")))) {
      var environment = new StandardEnvironment();
      environment.getPropertySources().addFirst(new MapPropertySource("test", settings));
      try (LogVault vault = LogVault.of(environment)) {
        AuditSettings audit =
            Binder.get(environment).bindOrCreate("obolus.audit", AuditSettings.class);
        LogKeys keys = new LogKeys(audit, vault);
        assertThat(keys.keyring().all()).extracting(RootKey::id).containsExactly(second, first);
        assertThat(keys.verifiers())
            .extracting(Object::toString)
            .containsExactly("VerifierKey[" + second + "]", "VerifierKey[" + first + "]");
      }
    }
  }

  @Test
  void theDoctorTriesBothKeys() {
    Said well = examine(Map.of());
    assertThat(well.text()).contains("The root key is ").contains("wraps and unwraps");
    assertThat(well.text()).doesNotContain("ab".repeat(32));

    Said missing =
        examine(Map.of("obolus.audit.vault.value-key", identifier("keys/nobody-made-it")));
    assertThat(missing.exit()).isEqualTo(2);
    assertThat(missing.text()).contains("vault_not_found").contains("The root key is ");

    Said stranger =
        examine(
            Map.of(
                "obolus.azure.client-id",
                Directory.NIGHTLY_JOB,
                "obolus.azure.client-secret-file",
                folder.resolve("sandbox/nightly-job.secret").toString()));
    assertThat(stranger.text()).contains("vault_forbidden").contains("ForbiddenByRbac");

    Said refused = examine(Map.of("obolus.azure.client-id", Directory.NIGHTLY_JOB));
    assertThat(refused.text()).contains("own_credential_refused").contains("AADSTS7000215");
  }

  private static void forget(Person person) {
    PersonalValues values = application.getBean(PersonalValues.class);
    Erasable erasable = get(values.find(person, List.of()));
    Receipt erasure =
        append(
            new Erased(
                Directory.TENANT,
                OLGA,
                "c",
                erasable.pseudonym().orElseThrow(),
                "asked to be forgotten",
                "none 1",
                erasable.keys()));
    assertThat(get(values.destroy(erasure))).isTrue();
  }

  private static Receipt append(dev.obolus.audit.AuditEvent event) {
    return get(application.getBean(AuditLog.class).append(event));
  }

  private static Revealed revealed(Receipt receipt) {
    return get(reveal(application.getBean(PersonalValues.class), receipt));
  }

  private static Mono<Revealed> reveal(PersonalValues values, Receipt receipt) {
    return values.reveal(
        Set.of(Directory.TENANT), receipt.chain(), receipt.seq(), PersonalValues.Field.PERSON);
  }

  private static LogVerification.Report verified() throws Exception {
    return application.getBean(LogVerification.class).verify(Optional.empty());
  }

  private static <T> T get(Mono<T> answer) {
    return answer.blockOptional(PATIENCE).orElseThrow();
  }

  private static void await() throws InterruptedException {
    for (int i = 0; i < 600 && !application.getBean(AuditDatabase.class).log().ready(); i++) {
      Thread.sleep(100);
    }
  }

  private static long calls(String act) {
    return sandbox.journal().entries().stream()
        .filter(entry -> entry.door().equals("vault") && entry.call().endsWith("/" + act))
        .count();
  }

  private static List<String> versions() throws SQLException {
    return query("SELECT DISTINCT kek FROM obolus.audit_value_key");
  }

  private static List<String> query(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (var connection = database.asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      while (found.next()) {
        rows.add(found.getString(1));
      }
    }
    return rows;
  }

  /** Whole rows, by their text. */
  private static Map<String, byte[]> backup() throws SQLException {
    Map<String, byte[]> rows = new HashMap<>();
    try (var connection = database.asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT encode(name, 'hex') || ' ' || encode(subject, 'hex') || ' ' || period"
                    + " || ' ' || kek, wrapped FROM obolus.audit_value_key")) {
      while (found.next()) {
        byte[] _ = rows.put(found.getString(1), found.getBytes(2));
      }
    }
    return rows;
  }

  private static void restore(Map<String, byte[]> backup) throws SQLException {
    try (var connection = database.asSuperuser();
        Statement clean = connection.createStatement();
        var insert =
            connection.prepareStatement(
                "INSERT INTO obolus.audit_value_key (name, subject, period, kek, wrapped)"
                    + " VALUES (decode(?, 'hex'), decode(?, 'hex'), ?, ?, ?)")) {
      int _ = clean.executeUpdate("DELETE FROM obolus.audit_value_key");
      for (Map.Entry<String, byte[]> row : backup.entrySet()) {
        String[] parts = row.getKey().split(" ", -1);
        insert.setString(1, parts[0]);
        insert.setString(2, parts[1]);
        insert.setInt(3, Integer.parseInt(parts[2]));
        insert.setString(4, parts[3]);
        insert.setBytes(5, row.getValue());
        int _ = insert.executeUpdate();
      }
    }
  }

  private static Said examine(Map<String, String> changed) {
    var bytes = new ByteArrayOutputStream();
    int exit =
        Doctor.examine(
            List.of(settings(changed)),
            _ ->
                new DatabaseSettings(
                    database.host(),
                    database.port(),
                    database.name(),
                    TestPostgres.GATEWAY,
                    folder.resolve("password"),
                    DatabaseSettings.Tls.PLAIN),
            new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return new Said(exit, bytes.toString(StandardCharsets.UTF_8));
  }

  private record Said(int exit, String text) {}

  private static String[] settings(Map<String, String> changed) {
    Map<String, String> all = new HashMap<>();
    all.put("server.port", "0");
    all.put("obolus.identity.authority", sandbox.url());
    all.put("obolus.identity.issuer", "https://entra.obolus.test/{tenantid}/v2.0");
    all.put("obolus.identity.tenants", Directory.TENANT);
    all.put("obolus.identity.audiences", Directory.GATEWAY);
    all.put("obolus.operator.audience", Directory.OPERATOR);
    all.put("obolus.operator.tenants", Directory.TENANT);
    all.put("obolus.obo.client-id", Directory.GATEWAY);
    all.put("obolus.audit.host", database.host());
    all.put("obolus.audit.port", Integer.toString(database.port()));
    all.put("obolus.audit.database", database.name());
    all.put("obolus.audit.password-file", folder.resolve("password").toString());
    all.put("obolus.audit.vault.root", identifier("secrets/log-root/" + root));
    all.put("obolus.audit.vault.value-key", identifier("keys/log-kek"));
    all.put("obolus.azure.tenant", Directory.TENANT);
    all.put("obolus.azure.client-id", Directory.GATEWAY);
    all.put(
        "obolus.azure.client-secret-file",
        folder.resolve("sandbox/gateway-client.secret").toString());
    all.putAll(changed);
    return all.entrySet().stream()
        .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
        .toArray(String[]::new);
  }

  private static String identifier(String path) {
    return sandbox.url() + "/" + path;
  }

  private static Person person(String name) {
    return new Person(Directory.TENANT, Directory.user(name).orElseThrow().objectId());
  }

  private static Path file(String name, String content) throws IOException {
    Path file =
        Files.createFile(
            folder.resolve(name),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(file, content);
  }
}
