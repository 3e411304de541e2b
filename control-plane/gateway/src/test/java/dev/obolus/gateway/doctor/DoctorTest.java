// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.postgres.DatabaseSettings;
import dev.obolus.gateway.testing.TestIssuer;
import dev.obolus.migrations.DatabaseMigration;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the doctor says of a configuration that is right, and of one thing wrong at a time. */
class DoctorTest {
  private static final TestIssuer ISSUER = new TestIssuer();
  private static final TestPostgres.Database DATABASE = TestPostgres.fresh();
  private static final Path FACTS = Path.of("../../sandbox/facts").toAbsolutePath().normalize();
  @TempDir static Path folder;

  @BeforeAll
  static void migrate() throws IOException {
    assertThat(
            DatabaseMigration.migrate(DATABASE.jdbcUrl(), TestPostgres.OWNER, TestPostgres.OWNER))
        .isNotBlank();
    assertThat(file("password", TestPostgres.GATEWAY)).exists();
    assertThat(file("root.key", "ab".repeat(32))).exists();
    assertThat(file("value.key", "cd".repeat(32))).exists();
    assertThat(file("secret", "a-client-secret")).exists();
  }

  @AfterAll
  static void stop() {
    ISSUER.close();
  }

  @Test
  void aGoodConfigurationIsWell() throws IOException {
    Said said = examine(settings());
    assertThat(said.exit()).as(said.text()).isZero();
    assertThat(said.text())
        .contains("1 signing keys of https://entra.obolus.test/" + TestIssuer.TENANT + "/")
        .contains("Durable, at the right schema")
        .contains("All is well.")
        .doesNotContain("a-client-secret");
  }

  @Test
  void eachWrongThingIsAFaultOfItsOwnAndTheOthersAreStillExamined() throws IOException {
    assertFault(Map.of("obolus.identity.authority", "http://127.0.0.1:1"), "identity provider");
    assertFault(Map.of("obolus.audit.port", "1"), "audit database");
    assertFault(Map.of("obolus.identity.tenants", ""), "settings");
    assertFault(Map.of("obolus.policy.facts", "/nowhere"), "policy");
    assertFault(
        Map.of("obolus.obo.certificate-file", folder.resolve("secret").toString()),
        "gateway's credential");
  }

  @Test
  void aTokenForSomebodyElseIsToldWithWhatWasExpected() throws IOException {
    Map<String, Object> claims = TestIssuer.claims(TestIssuer.ALICE);
    claims.put("aud", "https://graph.microsoft.com");
    Path token = file("graph.token", ISSUER.sign(claims));
    Said said = examine(with(Map.of("user-token-file", token.toString())));
    assertThat(said.exit()).isEqualTo(2);
    assertThat(said.text())
        .contains("Expected " + TestIssuer.GATEWAY)
        .contains("https://graph.microsoft.com")
        .doesNotContain(Files.readString(token));
  }

  @Test
  void theVersionOfTheRegistrationsTokensIsHeldAgainstTheAudiences() throws IOException {
    Map<String, Object> claims = TestIssuer.claims(TestIssuer.ALICE);
    String second = file("second.token", ISSUER.sign(claims)).toString();
    claims.put("ver", "1.0");
    String first = file("first.token", ISSUER.sign(claims)).toString();
    String none = file("none.token", "no.token.atall").toString();
    assertVersion(second, TestIssuer.GATEWAY, "ok", "2.0:");
    assertVersion(second, "api://obolus", "FAULT", "has App ID URIs only");
    assertVersion(first, TestIssuer.GATEWAY, "WARNING", "has client ids only");
    assertVersion(first, TestIssuer.GATEWAY + ",api://obolus", "ok", "1.0:");
    assertVersion(none, TestIssuer.GATEWAY, "FAULT", "no version");
    assertThat(examine(with(Map.of("user-token-file", first))).text())
        .contains("set api.requestedAccessTokenVersion to 2");
  }

  private static void assertVersion(String token, String audiences, String mark, String says)
      throws IOException {
    Said said =
        examine(with(Map.of("user-token-file", token, "obolus.identity.audiences", audiences)));
    assertThat(said.text().lines().filter(line -> line.contains(" token version ")))
        .as(said.text())
        .singleElement()
        .asString()
        .startsWith(mark)
        .contains(says);
  }

  @Test
  void anAudienceIsAClientIdOrAnAbsoluteUriAndMcpClientsAreToldWhichIsTheirs() throws IOException {
    assertFault(Map.of("obolus.identity.audiences", TestIssuer.GATEWAY + ",obolus"), "audience");
    assertThat(examine(settings()).text()).contains("no audience is an https address");
    String address = "https://obolus.example/mcp";
    Said said =
        examine(with(Map.of("obolus.identity.audiences", TestIssuer.GATEWAY + "," + address)));
    assertThat(said.exit()).as(said.text()).isEqualTo(1);
    assertThat(line(said, "resource of MCP clients")).startsWith("WARNING");
    assertThat(said.text()).contains("resource (RFC 8707) is to equal " + address);
  }

  @Test
  void aCertificateIsHeldAgainstItsKeyAndAgainstTheClock() throws Exception {
    KeyPair own = rsa();
    KeyPair another = rsa();
    assertCertificate("good", own.getPrivate(), own, -1, 90, "ok", "89 days");
    assertCertificate("another", another.getPrivate(), own, -1, 90, "FAULT", "not the certificate");
    assertCertificate("early", own.getPrivate(), own, 2, 90, "FAULT", "not valid before");
    assertCertificate("late", own.getPrivate(), own, -9, -1, "FAULT", "expired");
  }

  private static void assertCertificate(
      String name, PrivateKey key, KeyPair certified, int from, int to, String mark, String says)
      throws Exception {
    var holder = new X500Principal("CN=obolus");
    Instant now = Instant.now();
    X509Certificate certificate =
        new JcaX509CertificateConverter()
            .getCertificate(
                new JcaX509v3CertificateBuilder(
                        holder,
                        BigInteger.ONE,
                        Date.from(now.plus(Duration.ofDays(from))),
                        Date.from(now.plus(Duration.ofDays(to))),
                        holder,
                        certified.getPublic())
                    .build(
                        new JcaContentSignerBuilder("SHA256withRSA")
                            .build(certified.getPrivate())));
    Path file =
        file(
            name + ".pem",
            pem("PRIVATE KEY", key.getEncoded()) + pem("CERTIFICATE", certificate.getEncoded()));
    Said said =
        examine(
            with(
                Map.of(
                    "obolus.obo.client-secret-file",
                    "",
                    "obolus.obo.certificate-file",
                    file.toString())));
    assertThat(line(said, "gateway's credential")).startsWith(mark).contains(says);
  }

  private static KeyPair rsa() throws NoSuchAlgorithmException {
    return KeyPairGenerator.getInstance("RSA").generateKeyPair();
  }

  private static String pem(String what, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %1$s-----\n"
        .formatted(what, Base64.getMimeEncoder().encodeToString(der));
  }

  private static String line(Said said, String what) {
    return said.text()
        .lines()
        .filter(line -> line.contains(" " + what))
        .findFirst()
        .orElseThrow(() -> new AssertionError(said.text()));
  }

  @Test
  void aTokenTellsWhetherTheRegistrationRequestsItsClaimsAndHowStronglyTheAgentIsKnown()
      throws IOException {
    Map<String, Object> claims = TestIssuer.claims(TestIssuer.ALICE);
    Path bare = file("bare.token", ISSUER.sign(claims));
    Said lacking = examine(with(Map.of("user-token-file", bare.toString())));
    assertThat(line(lacking, "optional claims")).startsWith("WARNING").contains("no idtyp");
    assertThat(lacking.text()).contains(", a client-app.").contains("xms_sub_fct");
    claims.put("idtyp", "user");
    claims.put("xms_act_fct", "11");
    Path whole = file("whole.token", ISSUER.sign(claims));
    Said requested = examine(with(Map.of("user-token-file", whole.toString())));
    assertThat(line(requested, "optional claims")).startsWith("ok");
    assertThat(requested.text()).contains(", a verified-agent.");
  }

  @Test
  void jsonSaysTheSame() throws IOException {
    List<String> arguments = new ArrayList<>(settings());
    arguments.add("--json");
    JsonNode said = JsonMapper.shared().readTree(examine(arguments).text());
    assertThat(said.path("worst").asString()).isEqualTo("ok");
    assertThat(said.path("findings")).hasSizeGreaterThan(5);
    assertThat(said.path("findings").get(0).path("severity").asString()).isEqualTo("ok");
  }

  private static void assertFault(Map<String, String> wrong, String what) throws IOException {
    Said said = examine(with(wrong));
    assertThat(said.exit()).as(said.text()).isEqualTo(2);
    assertThat(said.text().lines().filter(line -> line.startsWith("FAULT")))
        .as(said.text())
        .anyMatch(line -> line.contains(what));
    assertThat(said.text().lines().filter(line -> line.startsWith("ok"))).hasSizeGreaterThan(2);
  }

  private static Said examine(List<String> arguments) {
    var bytes = new ByteArrayOutputStream();
    int exit =
        Doctor.examine(
            arguments,
            environment ->
                new DatabaseSettings(
                    DATABASE.host(),
                    environment.getRequiredProperty("obolus.audit.port", Integer.class),
                    DATABASE.name(),
                    TestPostgres.GATEWAY,
                    folder.resolve("password"),
                    DatabaseSettings.Tls.PLAIN),
            new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return new Said(exit, bytes.toString(StandardCharsets.UTF_8));
  }

  private static List<String> settings() {
    return with(Map.of());
  }

  private static List<String> with(Map<String, String> changed) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("server.address", "127.0.0.1");
    settings.put("obolus.identity.authority", ISSUER.authority().toString());
    settings.put("obolus.identity.issuer", TestIssuer.ISSUER);
    settings.put("obolus.identity.tenants", TestIssuer.TENANT);
    settings.put("obolus.identity.audiences", TestIssuer.GATEWAY);
    settings.put("obolus.operator.audience", TestIssuer.OPERATOR);
    settings.put("obolus.obo.client-id", TestIssuer.GATEWAY);
    settings.put("obolus.obo.client-secret-file", folder.resolve("secret").toString());
    settings.put("obolus.audit.host", DATABASE.host());
    settings.put("obolus.audit.port", Integer.toString(DATABASE.port()));
    settings.put("obolus.audit.password-file", folder.resolve("password").toString());
    settings.put("obolus.audit.root-key-file", folder.resolve("root.key").toString());
    settings.put("obolus.audit.value-key-file", folder.resolve("value.key").toString());
    settings.put("obolus.policy.facts", FACTS.toString());
    settings.putAll(changed);
    return settings.entrySet().stream()
        .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
        .toList();
  }

  private static Path file(String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(file, content);
  }

  private record Said(int exit, String text) {}
}
