// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.PublicKeys;
import dev.obolus.audit.fsck.TimeStamps;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.LogFixture;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.audit.witness.TimeStampAuthority;
import dev.obolus.audit.witness.Witness;
import dev.obolus.audit.witness.WitnessClient;
import dev.obolus.audit.witness.WriteOnce;
import dev.obolus.audit.witness.WriteOnceDirectory;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampResponseGenerator;
import org.bouncycastle.tsp.TimeStampTokenGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints on their way to a witness, a copy and a time-stamping authority, over HTTP. */
class PublisherTest {
  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private LogFixture fixture;
  private SigningKey key;
  private SigningKey witnessKey;
  private Witness witness;
  private HttpServer server;
  private volatile boolean lying;
  private volatile boolean contrary;
  private KeyPair authorityKey;
  private X509Certificate authority;

  @BeforeEach
  void aLogAndThoseWhoRememberIt() throws Exception {
    fixture = LogFixture.fresh(folder);
    key = SigningKey.create(folder.resolve("log.key"), "obolus/test", new SecureRandom());
    witnessKey =
        SigningKey.create(folder.resolve("w.key"), "witness.example/w1", new SecureRandom());
    witness =
        Witness.open(witnessKey, key.logKeys(), folder.resolve("state"), InstantSource.system());
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    authorityKey = generator.generateKeyPair();
    authority = certificate();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4);
    server.createContext("/add-checkpoint", this::cosign);
    server.createContext("/stamp", this::stamp);
    server.start();
  }

  @AfterEach
  void stop() throws IOException {
    server.stop(0);
    witness.close();
  }

  @Test
  void aCheckpointIsCosignedCopiedAndDated() throws Exception {
    try (AuditDatabase log = fixture.openReady();
        Integrator _ = start()) {
      assertThat(append(log, decided("deny")).seq()).isEqualTo(2);
      until(() -> count("audit_cosignature") > 1 && count("audit_timestamp") > 0);
    }
    Verification found = verify();
    assertThat(found.firstBad()).isEmpty();
    assertThat(found.signed().orElseThrow().witnesses()).containsOnlyKeys("witness.example/w1");
    assertThat(new WriteOnceDirectory(folder.resolve("copies")).last(_ -> true).orElseThrow())
        .startsWith("obolus/test\n");
    try (Connection connection = fixture.database().as("obolus_gateway");
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT token, note FROM obolus.audit_timestamp JOIN obolus.audit_checkpoint"
                    + " USING (size)")) {
      assertThat(row.next()).isTrue();
      Bytes token = Bytes.of(row.getBytes(1));
      String note = row.getString(2);
      assertThat(TimeStampAuthority.time(token, note, authority))
          .isAfter(Instant.now().minusSeconds(300));
      assertThatThrownBy(() -> TimeStampAuthority.time(token, note + "x", authority))
          .isInstanceOf(IOException.class);
    }
    Path certificate = Files.write(folder.resolve("authority.der"), authority.getEncoded());
    assertThat(dated(certificate).signed().orElseThrow().stamps().values())
        .first()
        .satisfies(stamp -> assertThat(stamp.at()).isAfter(Instant.now().minusSeconds(300)));
    superuser(
        "UPDATE obolus.audit_timestamp SET token ="
            + " set_byte(token, length(token) - 9, get_byte(token, length(token) - 9) # 1)");
    assertThat(dated(certificate).firstBad().orElseThrow().sentence())
        .contains("is not the authority's");
  }

  private Verification dated(Path certificate) throws Exception {
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      return new AuditVerifier(Optional.empty())
          .with(TimeStamps.read(List.of(certificate)))
          .verify(connection);
    }
  }

  private void superuser(String sql) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      assertThat(statement.execute(sql)).isFalse();
    }
  }

  @Test
  void aSnapshotRestoredIsRefusedByWhatWasCopied() throws Exception {
    writeAndSetBack();
    try (Integrator integrator = start()) {
      until(() -> integrator.state() instanceof IntegratorState.Stopped);
      assertThat(((IntegratorState.Stopped) integrator.state()).reason())
          .startsWith("the database was set back");
    }
  }

  @Test
  void aSnapshotRestoredIsRefusedByTheWitness() throws Exception {
    writeAndSetBack();
    try (Integrator integrator = start(witnessAlone())) {
      until(() -> integrator.state() instanceof IntegratorState.Stopped);
      assertThat(((IntegratorState.Stopped) integrator.state()).reason())
          .contains("witness witness.example/w1 cosigned");
    }
    assertThat(count("audit_checkpoint")).isZero();
  }

  @Test
  void nothingIsSignedAfterACheckpointThatIsNotTheNewestThatTheWitnessCosigned() throws Exception {
    write();
    keep();
    long kept = count("audit_checkpoint");
    write();
    assertThat(count("audit_checkpoint")).isGreaterThan(kept);
    restore();
    try (Integrator integrator = start(witnessAlone())) {
      until(() -> integrator.state() instanceof IntegratorState.Stopped);
      assertThat(((IntegratorState.Stopped) integrator.state()).reason())
          .startsWith("the database was set back: witness witness.example/w1 cosigned a tree of ");
    }
    assertThat(count("audit_checkpoint")).isEqualTo(kept);
  }

  @Test
  void aWitnessThatDoesNotAnswerStopsNobody() throws Exception {
    server.stop(0);
    try (AuditDatabase log = fixture.openReady();
        Integrator _ = start(witnessAlone())) {
      assertThat(append(log, decided("deny")).seq()).isEqualTo(2);
      until(() -> count("audit_checkpoint") > 0);
    }
  }

  @Test
  void aWitnessThatKnowsAnotherTreeOfTheSameSizeObjects() throws Exception {
    write();
    contrary = true;
    long before = count("audit_checkpoint");
    try (Integrator integrator = start(witnessAlone())) {
      until(() -> integrator.state() instanceof IntegratorState.Stopped);
      assertThat(((IntegratorState.Stopped) integrator.state()).reason())
          .startsWith("witness witness.example/w1 cosigned another tree at size ");
    }
    assertThat(count("audit_checkpoint")).isEqualTo(before);
  }

  @Test
  void whatElseLiesAmongTheCopiesStopsNobodyAndHidesNoCheckpoint() throws Exception {
    writeAndSetBack();
    Path copies = folder.resolve("copies");
    Path _ = Files.createDirectory(copies.resolve("lost+found"));
    Path _ = Files.createDirectory(copies.resolve("9".repeat(19) + ".checkpoint"));
    Path _ = Files.writeString(copies.resolve("8".repeat(19) + ".checkpoint"), "no checkpoint");
    SigningKey another =
        SigningKey.create(folder.resolve("another.key"), "obolus/test", new SecureRandom());
    Path _ =
        Files.writeString(
            copies.resolve("7".repeat(19) + ".checkpoint"),
            another
                .sign(
                    new dev.obolus.audit.tree.Checkpoint(
                        "obolus/test", 1_000_000, Bytes.of(new byte[32])),
                    Instant.now())
                .toString());
    try (Integrator integrator = start()) {
      until(() -> integrator.state() instanceof IntegratorState.Stopped);
      assertThat(((IntegratorState.Stopped) integrator.state()).reason())
          .startsWith("the database was set back")
          .doesNotContain("1000000");
    }
  }

  @Test
  void aCopyThatIsNotTakenKeepsNoCheckpointFromTheWitness() throws Exception {
    WriteOnce full =
        new WriteOnce() {
          @Override
          public void put(String name, String content) throws IOException {
            throw new IOException("no space left");
          }

          @Override
          public Optional<String> last(java.util.function.Predicate<String> ours) {
            return Optional.empty();
          }
        };
    Publisher.Targets targets =
        new Publisher.Targets(
            List.of(full, new WriteOnceDirectory(folder.resolve("copies"))),
            List.of(client()),
            List.of(),
            Duration.ofMillis(50),
            Duration.ofHours(1));
    try (AuditDatabase log = fixture.openReady();
        Integrator _ = start(targets)) {
      assertThat(append(log, decided("deny")).seq()).isEqualTo(2);
      until(() -> count("audit_cosignature") > 0);
    }
    assertThat(new WriteOnceDirectory(folder.resolve("copies")).last(_ -> true)).isPresent();
  }

  /** Its status and body are not signed: somebody on the way may have said it. */
  @Test
  void anObjectionIsForgottenOnceTheWitnessCosignsAgain() throws Exception {
    lying = true;
    try (AuditDatabase log = fixture.openReady();
        Integrator integrator = start(witnessAlone())) {
      until(() -> integrator.state() instanceof IntegratorState.Stopped);
      lying = false;
      until(() -> count("audit_cosignature") > 0);
      assertThat(append(log, decided("deny")).seq()).isEqualTo(2);
      until(() -> integrator.state() instanceof IntegratorState.Signing);
    }
  }

  private void write() throws IOException {
    try (AuditDatabase log = fixture.openReady();
        Integrator _ = start()) {
      for (int i = 0; i < 5; i++) {
        assertThat(append(log, decided("deny")).seq()).isEqualTo(i + 2);
        long before = count("audit_cosignature");
        until(() -> count("audit_cosignature") > before);
      }
    }
  }

  private void keep() throws SQLException {
    eachTable("CREATE TABLE public.kept_%1$s AS TABLE obolus.%1$s");
  }

  private void restore() throws SQLException {
    eachTable("DELETE FROM obolus.%1$s");
    eachTable("INSERT INTO obolus.%1$s TABLE public.kept_%1$s");
  }

  private void eachTable(String sql) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute("SET session_replication_role = replica");
      for (String table :
          List.of(
              "audit_cosignature",
              "audit_timestamp",
              "audit_tree_span",
              "audit_checkpoint",
              "audit_record",
              "audit_head")) {
        boolean _ = statement.execute(sql.formatted(table));
      }
    }
  }

  private void writeAndSetBack() throws SQLException, IOException {
    write();
    eachTable("DELETE FROM obolus.%1$s");
    try (AuditDatabase log = fixture.openReady()) {
      assertThat(append(log, decided("deny")).seq()).isEqualTo(2);
    }
  }

  private Publisher.Targets witnessAlone() {
    return new Publisher.Targets(
        List.of(), List.of(client()), List.of(), Duration.ofMillis(50), Duration.ofHours(1));
  }

  private Integrator start() throws IOException {
    List<WriteOnce> copies = new ArrayList<>();
    copies.add(new WriteOnceDirectory(folder.resolve("copies")));
    return start(
        new Publisher.Targets(
            copies,
            List.of(client()),
            List.of(new TimeStampAuthority(url("/stamp"), authority, http, new SecureRandom())),
            Duration.ofMillis(50),
            Duration.ofMillis(50)));
  }

  private Integrator start(Publisher.Targets targets) {
    return Integrator.start(
        () -> fixture.database().as("obolus_gateway"),
        new IntegratorSettings(
            key, List.of(fixture.root()), Duration.ofMillis(20), Duration.ofMillis(200)),
        Publisher.start(() -> fixture.database().as("obolus_gateway"), targets, Clock.systemUTC()),
        Clock.systemUTC());
  }

  private WitnessClient client() {
    return new WitnessClient(url(""), witnessKey.witnessKeys(), http);
  }

  private URI url(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private Verification verify() throws Exception {
    List<String> keys = new ArrayList<>();
    key.logKeys().stream().map(NoteKey::toString).forEach(keys::add);
    witnessKey.witnessKeys().stream().map(NoteKey::toString).forEach(keys::add);
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      return new AuditVerifier(Optional.empty()).with(PublicKeys.of(keys)).verify(connection);
    }
  }

  private long count(String table) {
    try (Connection connection = fixture.database().as("obolus_gateway");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM obolus." + table)) {
      assertThat(row.next()).isTrue();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void cosign(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    if (lying) {
      answer(exchange, 422, new byte[0]);
      return;
    }
    if (contrary) {
      String size = body.substring(body.indexOf("\n\n") + 2).split("\n", -1)[1];
      answer(exchange, 409, (size + "\n").getBytes(StandardCharsets.UTF_8));
      return;
    }
    Witness.Answer answer = witness.add(body);
    answer(exchange, answer.status(), answer.body().getBytes(StandardCharsets.UTF_8));
  }

  @SuppressWarnings("JavaUtilDate") // what the library takes
  private void stamp(HttpExchange exchange) throws IOException {
    try {
      TimeStampRequest request = new TimeStampRequest(exchange.getRequestBody().readAllBytes());
      TimeStampTokenGenerator tokens =
          new TimeStampTokenGenerator(
              new JcaSimpleSignerInfoGeneratorBuilder()
                  .build("SHA256withECDSA", authorityKey.getPrivate(), authority),
              new JcaDigestCalculatorProviderBuilder()
                  .build()
                  .get(
                      new org.bouncycastle.asn1.x509.AlgorithmIdentifier(
                          new ASN1ObjectIdentifier("2.16.840.1.101.3.4.2.1"))),
              new ASN1ObjectIdentifier("1.2.3.4"));
      tokens.addCertificates(new JcaCertStore(List.of(authority)));
      byte[] response =
          new TimeStampResponseGenerator(tokens, Set.of(TSPAlgorithms.SHA256.getId()))
              .generate(request, BigInteger.ONE, new Date())
              .getEncoded();
      answer(exchange, 200, response);
    } catch (Exception e) {
      answer(exchange, 500, String.valueOf(e).getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    try (exchange) {
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @SuppressWarnings("JavaUtilDate") // what the library takes
  private X509Certificate certificate() throws Exception {
    X500Name name = new X500Name("CN=Test time stamps");
    Instant now = Instant.now();
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            name,
            BigInteger.ONE,
            Date.from(now.minusSeconds(60)),
            Date.from(now.plusSeconds(3600)),
            name,
            authorityKey.getPublic());
    builder.addExtension(
        Extension.extendedKeyUsage, true, new ExtendedKeyUsage(KeyPurposeId.id_kp_timeStamping));
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA").build(authorityKey.getPrivate())));
  }
}
