// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.personal.FileKeyEncryption;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.audit.postgres.LogSettings;
import dev.obolus.sandbox.Sandbox;
import dev.obolus.sandbox.SandboxDatabase;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands in Obolus's own name: root keys from elsewhere, records to Azure Monitor. */
class AzureCommandsTest {
  @TempDir static Path data;
  @TempDir Path folder;
  private static Sandbox sandbox;

  private final TestPostgres.Database database = TestPostgres.fresh();

  @BeforeAll
  static void start() throws Exception {
    sandbox = SandboxDatabase.start(TestPostgres.own(), data);
  }

  @AfterAll
  static void stop() throws Exception {
    sandbox.close();
  }

  @Test
  void aLogSealedWithAVaultsSecretIsVerifiedWithIt() throws Exception {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    String hex = HexFormat.of().formatHex(random);
    String version = sandbox.vault().vault().putSecret("log-root", hex);
    write(RootKey.parse(hex, "the test"));
    String identifier = sandbox.url() + "/secrets/log-root/" + version;
    Said said = audit("verify", own("--key", identifier));
    assertThat(said.exit()).as(said.err()).isZero();
    assertThat(said.out()).startsWith("VERIFIED: ").doesNotContain("Without the root key");

    String other = sandbox.vault().vault().putSecret("log-root", "ab".repeat(32));
    Said wrong = audit("verify", own("--key", sandbox.url() + "/secrets/log-root/" + other));
    assertThat(wrong.exit()).as("another key verifies nothing").isEqualTo(1);

    sandbox.vault().vault().enable("secrets", "log-root", version, false);
    Said refused = audit("verify", own("--key", identifier));
    assertThat(refused.exit()).isEqualTo(3);
    assertThat(refused.err()).contains("vault_forbidden").doesNotContain(hex);

    Said nobody = audit("verify", "--key", identifier);
    assertThat(nobody.exit()).isEqualTo(3);
    assertThat(nobody.err()).contains("--azure-managed-identity");

    Said elsewhere = audit("verify", own("--key", "https://x.vault.azure.net/secrets/log-root"));
    assertThat(elsewhere.exit()).isEqualTo(3);
    assertThat(elsewhere.err()).contains("not a vault of this cloud");
  }

  @Test
  void aRootKeyIsMadeInPkcs12AndVerifiesWhatItSealed() throws Exception {
    Path file = folder.resolve("root.p12");
    Path password = folder.resolve("root.password");
    String[] keygen = {
      "audit", "keygen", "--root", "--key", "" + file, "--password-file", "" + password
    };
    Said made = Said.by(keygen);
    assertThat(made.exit()).as(made.err()).isZero();
    RootKey root = RootKey.read(file, password);
    assertThat(made.out()).isEqualTo("root key " + root.id() + System.lineSeparator());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(password)))
        .isEqualTo("rw-------");
    assertThat(Said.by(keygen).exit()).as("never over another").isEqualTo(3);

    write(root);
    Said said =
        audit("verify", "--key", file.toString(), "--key-password-file", password.toString());
    assertThat(said.exit()).as(said.err()).isZero();
    assertThat(said.out()).startsWith("VERIFIED: ").doesNotContain("Without the root key");
    assertThat(audit("verify", "--key", file.toString()).err()).contains("--key-password-file");
  }

  @Test
  void aPlainRootKeyIsMadeToo() throws Exception {
    Path file = folder.resolve("plain.key");
    Said made = Said.by("audit", "keygen", "--root", "--key", file.toString());
    assertThat(made.out()).contains(RootKey.read(file).id());
    assertThat(Said.by("audit", "keygen", "--key", folder.resolve("x.key").toString()).exit())
        .as("a signing key needs a name")
        .isEqualTo(2);
  }

  @Test
  void recordsGoToAzureMonitorInOurOwnName() throws Exception {
    write(RootKey.create(folder.resolve("root.key"), new SecureRandom()));
    List<String> bodies = new CopyOnWriteArrayList<>();
    List<Integer> answers = new CopyOnWriteArrayList<>();
    List<String> tokens = new CopyOnWriteArrayList<>();
    HttpServer ingestion =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    ingestion.createContext(
        "/dataCollectionRules/dcr-1/streams/Custom-Obolus_CL",
        exchange -> {
          try (exchange) {
            String token =
                exchange.getRequestHeaders().getFirst("Authorization").replace("Bearer ", "");
            boolean known = isOwn(token);
            // the first one is said to be no longer good; the next answer is "later"
            int status = !known || tokens.isEmpty() ? 401 : answers.size() == 1 ? 429 : 204;
            tokens.add(token);
            answers.add(status);
            if (status == 204) {
              bodies.add(body(exchange));
            }
            exchange.getResponseHeaders().set("Retry-After", "1");
            exchange.sendResponseHeaders(status, -1);
          }
        });
    ingestion.start();
    try {
      String endpoint =
          "http://127.0.0.1:%d/dataCollectionRules/dcr-1/streams/Custom-Obolus_CL"
              .formatted(ingestion.getAddress().getPort());
      String[] stream =
          own("--to-azure", endpoint, "--once", "--cursor", folder.resolve("cursor").toString());
      Said said = audit("stream", stream);
      assertThat(said.exit()).as(said.err()).isZero();
      assertThat(answers).containsExactly(401, 429, 204);
      assertThat(tokens.get(1)).as("another token").isNotEqualTo(tokens.getFirst());
      assertThat(bodies).hasSize(1).allMatch(body -> body.startsWith("[{"));
      assertThat(said.out() + said.err()).doesNotContain(tokens.getFirst());
      assertThat(audit("stream", stream).out()).contains("0 records sent");
    } finally {
      ingestion.stop(0);
    }
  }

  @Test
  void aTokenForAzureMonitorGoesNowhereElse() throws Exception {
    write(RootKey.create(folder.resolve("root.key"), new SecureRandom()));
    Said said =
        audit(
            "stream",
            own(
                "--to-azure",
                "https://collector.example.com/dataCollectionRules/d/streams/s",
                "--once",
                "--cursor",
                folder.resolve("cursor").toString()));
    assertThat(said.exit()).isEqualTo(3);
    assertThat(said.err()).contains("not a data collection endpoint of this cloud");

    Said silent =
        audit(
            "stream",
            own(
                "--to-azure",
                "http://127.0.0.1:1/dataCollectionRules/d/streams/s",
                "--once",
                "--cursor",
                folder.resolve("cursor").toString()));
    assertThat(silent.exit()).isEqualTo(3);
    assertThat(silent.err()).contains("no answer from where it goes").doesNotContain("null");
  }

  private static boolean isOwn(String token) {
    return sandbox
        .entra()
        .tokens()
        .check(token, Directory.MONITOR)
        .filter(claims -> "app".equals(claims.getClaim("idtyp")))
        .filter(claims -> Directory.GATEWAY.equals(claims.getClaim("appid")))
        .isPresent();
  }

  private static String body(HttpExchange exchange) throws IOException {
    return new String(
        new GZIPInputStream(exchange.getRequestBody()).readAllBytes(), StandardCharsets.UTF_8);
  }

  private static String[] own(String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    all.addAll(
        List.of(
            "--azure-authority",
            sandbox.url(),
            "--azure-tenant",
            Directory.TENANT,
            "--azure-client-id",
            Directory.GATEWAY,
            "--azure-client-secret-file",
            data.resolve("gateway-client.secret").toString()));
    return all.toArray(String[]::new);
  }

  private void write(RootKey root) throws Exception {
    Said migrated =
        Said.by(
            "migrate",
            "--url",
            database.jdbcUrl(),
            "--user",
            TestPostgres.OWNER,
            "--password-file",
            secret("owner.password", TestPostgres.OWNER).toString());
    assertThat(migrated.exit()).isZero();
    DatabaseSettings place =
        new DatabaseSettings(
            database.host(),
            database.port(),
            database.name(),
            TestPostgres.GATEWAY,
            secret("gateway.password", TestPostgres.GATEWAY),
            DatabaseSettings.Tls.PLAIN);
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

  private Path secret(String name, String value) throws Exception {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    return Files.writeString(file, value);
  }
}
