// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.export;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.served;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.LogFixture;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SignedNote;
import dev.obolus.audit.tree.SigningKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.sql.Connection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportTest {
  private static final String OTHER = "99999999-9999-4999-8999-999999999999";

  @TempDir static Path keys;
  @TempDir Path folder;
  private static LogFixture fixture;
  private static String person;
  private static Connection connection;

  /** open, permit, served, denial, another tenant's denial, close. */
  @BeforeAll
  static void write() throws Exception {
    fixture = LogFixture.fresh(keys);
    try (AuditDatabase log = fixture.openReady()) {
      Decided permit = decided("allow");
      Receipt receipt = append(log, permit);
      Receipt _ = append(log, served(permit, receipt));
      Receipt _ = append(log, decided("deny"));
      Receipt _ = append(log, decided("deny", OTHER));
      person = LogFixture.get(log.pseudonyms().of(permit.person().orElseThrow())).orElseThrow();
    }
    connection = fixture.database().as("obolus_console");
  }

  @AfterAll
  static void close() throws Exception {
    connection.close();
  }

  @Test
  void evidenceHashesToItsLeavesAndTheManifestToTheFile() throws Exception {
    Path file = folder.resolve("log.jsonl");
    FileExport.Exported exported = export(Format.EVIDENCE, Set.of()).to(file);
    List<String> lines = Files.readAllLines(file);
    assertThat(exported.records()).isEqualTo(6).isEqualTo(lines.size());
    for (String line : lines) {
      byte[] canonical = Base64.getDecoder().decode(member(line, "canonical"));
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update((byte) 0);
      assertThat(HexFormat.of().formatHex(sha256.digest(canonical)))
          .isEqualTo(member(line, "leaf"));
    }
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    assertThat(exported.manifest())
        .startsWith("obolus-export/v1\n")
        .contains(
            "\nsha256 " + HexFormat.of().formatHex(digest) + "\n",
            " records 6 last 6 " + member(lines.getLast(), "mac"));
    assertThatThrownBy(() -> export(Format.EVIDENCE, Set.of()).to(file))
        .isInstanceOf(IOException.class);
  }

  @Test
  void aTenantsExportHoldsNobodyElses() throws Exception {
    Path file = folder.resolve("tenant.jsonl");
    FileExport.Exported exported = export(Format.EVIDENCE, Set.of(OTHER)).to(file);
    assertThat(exported.records()).as("open, its own, close").isEqualTo(3);
    assertThat(Files.readString(file)).doesNotContain(LogFixture.TENANT);
  }

  @Test
  void manifestIsSignedAsANoteThatIsNoCheckpoint() throws Exception {
    SigningKey key =
        SigningKey.create(folder.resolve("log.key"), "obolus/test", new SecureRandom());
    FileExport.Exported exported = export(Format.CEF, Set.of()).to(folder.resolve("log.cef"));
    SignedNote note = key.signManifest(exported.manifest(), Instant.now());
    assertThat(NoteKey.count(SignedNote.parse(note.toString()), key.logKeys())).isEqualTo(1);
    assertThatThrownBy(() -> key.signManifest("obolus/test\n1\nAAAA\n", Instant.now()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void ocsfIsApiActivityAndLeadsBackToTheProof() throws Exception {
    Path file = folder.resolve("log.ocsf");
    FileExport.Exported _ = export(Format.OCSF, Set.of()).to(file);
    List<String> lines = Files.readAllLines(file);
    String denial = lines.get(3);
    assertThat(denial)
        .contains(
            "\"class_uid\":6003",
            "\"type_uid\":600302",
            "\"activity_id\":2",
            "\"status_id\":2",
            "\"version\":\"1.8.0\"",
            "\"profiles\":[\"ai_operation\"]",
            "\"actor\":{\"user\":{\"uid\":\"" + person + "\"}",
            "\"operation\":\"query\"",
            "\"src_endpoint\":{",
            "\"name\":\"main.sales.orders\"",
            "\"seq\":\"4\"");
    assertThat(lines.get(1)).contains("\"status_id\":1");
  }

  @Test
  void cefSaysWhatAnOperatorDid() {
    SequencedMap<String, Field> fields = new LinkedHashMap<>();
    fields.put("action", new Field.Text("audit.reveal"));
    Bytes digest = Bytes.of(new byte[32]);
    AuditRecord acted =
        new AuditRecord(
            ChainId.parse("ab".repeat(16)),
            1,
            LogFixture.TENANT,
            1,
            "e",
            "k",
            "OBO3002A",
            "operator_acted",
            "p-1",
            Instant.EPOCH,
            fields,
            Bytes.of(new byte[0]),
            digest,
            digest,
            digest);
    assertThat(Cef.line(acted)).contains(" act=audit.reveal ");
  }

  @Test
  void cefEscapesWhatWouldForgeAField() {
    String evil = "a=b|c\\d\ncs6=x";
    StringBuilder out = new StringBuilder();
    Cef.add(out, "act", evil);
    assertThat(out.toString()).isEqualTo(" act=a\\=b|c\\\\d\\ncs6\\=x");
  }

  @Test
  void cefSpellsOutWhatWouldShowALineOtherwiseThanItIs() {
    StringBuilder out = new StringBuilder();
    Cef.add(out, "act", "a\u202eb\u200bc\ufeffd\u001be\u2028");
    assertThat(out.toString()).isEqualTo(" act=a\\\\u202eb\\\\u200bc\\\\ufeffd\\\\u001be\\\\u2028");
  }

  @Test
  void noValueOfAnExportIsAFormula() {
    for (String formula : List.of("=1+2", "+1", "-1", "@SUM(1)", "\t=1")) {
      StringBuilder out = new StringBuilder();
      Cef.add(out, "act", formula);
      assertThat(out.toString()).startsWith(" act='");
    }
    StringBuilder nobody = new StringBuilder();
    Cef.add(nobody, "suid", "-");
    assertThat(nobody.toString()).isEqualTo(" suid=-");
    assertThat(JsonLine.of(Map.of("a", "=1\u202e\u2060")))
        .isEqualTo("{\"a\":\"=1\\u202e\\u2060\"}");
    assertThat(JsonLine.of(new JsonLine.Raw("{\"a\":\"\u202e\"}")))
        .isEqualTo("{\"a\":\"\\u202e\"}");
  }

  @Test
  void whoAccessedNamesPersonAgentAndColumns() throws Exception {
    List<WhoAccessed.Access> pii = whoAccessed("pii");
    assertThat(pii).hasSize(1);
    assertThat(pii.getFirst().person()).isEqualTo(person);
    assertThat(pii.getFirst().agent()).isEqualTo("copilot");
    assertThat(pii.getFirst().columns()).containsExactly("main.sales.orders.email");
    assertThat(pii.getFirst().times()).isEqualTo(1);
    assertThat(whoAccessed("internal").getFirst().columns()).containsExactly("main.sales.orders");
    assertThat(whoAccessed("secret")).isEmpty();
  }

  private static List<WhoAccessed.Access> whoAccessed(String label) throws Exception {
    return new WhoAccessed(new LogSource(connection)).label(label, Instant.EPOCH, Instant.now());
  }

  @Test
  void whoAccessedStopsRatherThanFillTheMemory() {
    WhoAccessed few = new WhoAccessed(new LogSource(connection), 0);
    assertThatThrownBy(() -> few.label("pii", Instant.EPOCH, Instant.now()))
        .isInstanceOf(WhoAccessed.TooMany.class)
        .hasMessageContaining("--since");
  }

  @Test
  void streamGoesOnWhereItWasAndRepeatsWhatWasNotTaken() throws Exception {
    List<String> taken = new ArrayList<>();
    AtomicInteger calls = new AtomicInteger();
    Sink failsOnce =
        lines -> {
          taken.addAll(lines);
          if (calls.getAndIncrement() == 0) {
            throw new IOException("taken, but the answer was lost");
          }
        };
    Path place = folder.resolve("cursor");
    LogStream first =
        new LogStream(new LogSource(connection), Format.OCSF, failsOnce, Cursor.in(place));
    assertThatThrownBy(first::round).isInstanceOf(IOException.class);
    LogStream second =
        new LogStream(new LogSource(connection), Format.OCSF, failsOnce, Cursor.in(place));
    long all = second.round();
    assertThat(taken.subList(0, 6)).isEqualTo(taken.subList(6, 12));
    LogStream third =
        new LogStream(new LogSource(connection), Format.OCSF, failsOnce, Cursor.in(place));
    assertThat(third.round()).isZero();
    assertThat(all).isGreaterThanOrEqualTo(6);
  }

  @Test
  void collectorThatIsBusyIsAskedAgainAndCallsStayBelowAMegabyte() throws Exception {
    List<String> bodies = new CopyOnWriteArrayList<>();
    AtomicInteger calls = new AtomicInteger();
    List<String> asked = new CopyOnWriteArrayList<>();
    HttpServer azure =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    azure.createContext(
        "/",
        exchange -> {
          assertThat(exchange.getRequestHeaders().getFirst("Content-Encoding")).isEqualTo("gzip");
          String body =
              new String(
                  new GZIPInputStream(exchange.getRequestBody()).readAllBytes(),
                  StandardCharsets.UTF_8);
          asked.add(
              exchange.getRequestURI()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Authorization"));
          boolean busy = calls.getAndIncrement() == 1;
          if (busy) {
            exchange.getResponseHeaders().set("Retry-After", "1");
          } else {
            bodies.add(body);
          }
          exchange.sendResponseHeaders(busy ? 429 : 204, -1);
          exchange.close();
        });
    azure.start();
    try (HttpClient client = HttpClient.newHttpClient()) {
      Path token = Files.writeString(folder.resolve("token"), "t0ken\n");
      URI target = URI.create("http://127.0.0.1:" + azure.getAddress().getPort() + "/in");
      HttpSink sink =
          new HttpSink(client, target, HttpSink.Bearer.inFile(token), HttpSink.Body.ARRAY);
      String line = "{\"x\":\"" + "ü".repeat(150_000) + "\"}";
      sink.send(List.of(line, line, line, line));
    } finally {
      azure.stop(0);
    }
    assertThat(asked).hasSize(3).containsOnly("/in Bearer t0ken");
    assertThat(bodies)
        .hasSize(2)
        .allSatisfy(body -> {
          assertThat(body).startsWith("[{").endsWith("}]");
          assertThat(body.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(1_000_001);
        });
  }

  @Test
  void collectorThatRefusesIsAFaultAndTheCursorStays() throws Exception {
    HttpServer collector =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(403, -1);
          exchange.close();
        });
    collector.start();
    Path place = folder.resolve("refused");
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI target = URI.create("http://127.0.0.1:" + collector.getAddress().getPort() + "/in");
      Sink sink = new HttpSink(client, target, HttpSink.Bearer.NONE, HttpSink.Body.LINES);
      LogStream stream =
          new LogStream(new LogSource(connection), Format.CEF, sink, Cursor.in(place));
      assertThatThrownBy(stream::round).hasMessageContaining("403");
    } finally {
      collector.stop(0);
    }
    assertThat(place).doesNotExist();
  }

  @Test
  void fileSinkAppendsLines() throws Exception {
    Path file = folder.resolve("out");
    new FileSink(file).send(List.of("a", "b"));
    new FileSink(file).send(List.of("c"));
    assertThat(Files.readString(file)).isEqualTo("a\nb\nc\n");
  }

  @Test
  void linesShowNoTextOtherwiseThanItIs() {
    assertThat(JsonLine.of(Map.of("a", "x\u202Ey\u2028\n\"")))
        .isEqualTo("{\"a\":\"x\\u202ey\\u2028\\u000a\\\"\"}");
  }

  private static FileExport export(Format format, Set<String> tenants) {
    return new FileExport(new LogSource(connection), format, tenants);
  }

  private static String member(String line, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(line);
    assertThat(matcher.find()).as(name).isTrue();
    return matcher.group(1);
  }
}
