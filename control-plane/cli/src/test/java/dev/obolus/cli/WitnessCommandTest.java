// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.tree.Checkpoint;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.Proofs;
import dev.obolus.audit.tree.SignedNote;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.audit.tree.Tiles;
import dev.obolus.audit.tree.TreeEdge;
import dev.obolus.audit.witness.Witness;
import dev.obolus.audit.witness.WitnessClient;
import dev.obolus.audit.witness.WitnessClient.Answer;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code obolus witness} in a process of its own, asked by the client that a gateway asks with. */
class WitnessCommandTest {
  private static final int BY_SIGTERM = 128 + 15;
  private static final String ANSWERS = "witness answers on ";

  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Process> started = new ArrayList<>();
  private final List<byte[]> leaves = new ArrayList<>();
  private SigningKey log;
  private List<NoteKey> witnessKeys = List.of();

  @BeforeEach
  void keysAreMadeAsTheManualSays() throws Exception {
    assertThat(keygen("--witness", "--name=witness.example/w1", "--key=" + file("w1.key")))
        .isZero();
    assertThat(keygen("--name=obolus/test", "--key=" + file("log.key"))).isZero();
    log = SigningKey.read(file("log.key"));
    witnessKeys = NoteKey.read(file("w1.pub"));
    for (int i = 0; i < 20; i++) {
      leaves.add(TreeEdge.leafOf(new byte[] {(byte) i}));
    }
  }

  @AfterEach
  void none() {
    started.forEach(process -> process.destroyForcibly().onExit().join());
    http.close();
  }

  @Test
  void itCosignsWhatGoesOnAndRemembersItAcrossARestart() throws Exception {
    Running first = start();
    WitnessClient client = new WitnessClient(first.url(), witnessKeys, http);
    assertCosigned(client.submit(note(5), proofs(5)), note(5));
    assertCosigned(client.submit(note(12), proofs(12)), note(12));
    first.terminate();

    Running second = start();
    WitnessClient restarted = new WitnessClient(second.url(), witnessKeys, http);
    assertThat(restarted.submit(note(5), proofs(5))).isEqualTo(new Answer.Ahead(12));
    HttpResponse<String> conflict = add(second.url(), "old 5\n\n" + note(13));
    assertThat(conflict.statusCode()).isEqualTo(409);
    assertThat(conflict.headers().firstValue("Content-Type")).contains("text/x.tlog.size");
    assertThat(conflict.body()).isEqualTo("12\n");
    assertCosigned(restarted.submit(note(13), proofs(13)), note(13));
    second.terminate();
  }

  @Test
  void aForkIsNotCosignedWhetherOfTheSameSizeOrALargerOne() throws Exception {
    Running witness = start();
    WitnessClient client = new WitnessClient(witness.url(), witnessKeys, http);
    assertCosigned(client.submit(note(12), proofs(12)), note(12));
    witness.terminate();
    leaves.set(3, TreeEdge.leafOf(new byte[] {99}));

    Running again = start();
    HttpResponse<String> same = add(again.url(), "old 12\n\n" + note(12));
    assertThat(same.statusCode()).isEqualTo(422);
    assertThat(same.body()).doesNotContain("witness.example");
    WitnessClient forger = new WitnessClient(again.url(), witnessKeys, http);
    assertThat(forger.submit(note(12), proofs(12))).isEqualTo(new Answer.Refused(12));
    assertThat(forger.submit(note(13), proofs(13))).isEqualTo(new Answer.Refused(12));
    leaves.set(3, TreeEdge.leafOf(new byte[] {3}));
    assertCosigned(forger.submit(note(13), proofs(13)), note(13));
    again.terminate();
  }

  @Test
  void theNewestCheckpointIsThereForWhoeverMonitors() throws Exception {
    Running witness = start();
    URI of = witness.url().resolve("/" + Witness.hash("obolus/test") + "/checkpoint");
    assertThat(get(of).statusCode()).isEqualTo(404);
    WitnessClient client = new WitnessClient(witness.url(), witnessKeys, http);
    assertCosigned(client.submit(note(5), proofs(5)), note(5));
    SignedNote kept = SignedNote.parse(get(of).body());
    assertThat(kept.text()).isEqualTo(note(5).text());
    assertThat(NoteKey.count(kept, witnessKeys)).isEqualTo(2);
    assertThat(get(witness.url().resolve("/add-checkpoint")).statusCode()).isEqualTo(404);
    assertThat(add(witness.url(), "x".repeat(300_000)).statusCode()).isEqualTo(413);
    assertThat(add(witness.url(), "nonsense").statusCode()).isEqualTo(400);
    witness.terminate();
  }

  @Test
  void twoDoNotWorkInOneFolder() throws Exception {
    Running first = start();
    Said second = ended(launch(arguments("127.0.0.1:0")));
    assertThat(second.exit()).isEqualTo(3);
    assertThat(second.err())
        .isEqualTo(
            "obolus: the witness does not start: another witness is at work in "
                + file("state")
                + "\n");
    first.terminate();
  }

  @Test
  void whatIsWrongIsSaidInOneSentenceAndNothingIsStarted() throws Exception {
    for (String address : List.of("nonsense", ":80", "127.0.0.1:", "127.0.0.1:65536", "[::1]")) {
      Said said = Said.by(arguments(address));
      assertThat(said.exit()).as(address).isEqualTo(2);
      assertThat(said.err()).startsWith("not an address and a port: " + address);
    }
    assertThat(Said.by("witness").exit()).isEqualTo(2);

    refused("w2.key", "log.pub", "the signing key is not a file: " + file("w2.key"));
    refused("log.pub", "log.pub", "the signing key may be read by others");
    refused("w1.key", "none.pub", file("none.pub") + " is not there");
    refused("w1.key", "log.key", "not verifier keys: " + file("log.key"));
    Path empty = Files.writeString(file("empty.pub"), "# nobody's\n");
    refused("w1.key", "empty.pub", "no public key is in " + empty);
    assertThat(file("state")).doesNotExist();

    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Said said = Said.by(arguments("127.0.0.1:" + taken.getLocalPort()));
      assertThat(said.exit()).isEqualTo(3);
      assertThat(said.err()).contains("the witness does not start: ").hasLineCount(1);
    }
  }

  private void refused(String key, String known, String why) {
    Said said =
        Said.by(
            "witness",
            "--listen=127.0.0.1:0",
            "--key=" + file(key),
            "--log=" + file(known),
            "--data=" + file("state"));
    assertThat(said.exit()).as(why).isEqualTo(3);
    assertThat(said.err()).startsWith("obolus: the witness does not start: ").contains(why);
    assertThat(said.err().lines()).hasSize(1);
    assertThat(said.out()).isEmpty();
  }

  private void assertCosigned(Answer answer, SignedNote note) {
    assertThat(answer).isInstanceOf(Answer.Cosigned.class);
    List<SignedNote.Line> lines = ((Answer.Cosigned) answer).lines();
    assertThat(NoteKey.count(new SignedNote(note.text(), lines), witnessKeys)).isEqualTo(2);
  }

  /** A witness that has said where it answers. */
  private record Running(Process process, URI url, BufferedReader out) {

    /** It ends, has said nothing more, and leaves its folder to the next. */
    void terminate() throws Exception {
      // not the process's own destroy, which closes what it said as well
      assertThat(process.toHandle().destroy()).isTrue();
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).as("it has ended").isTrue();
      assertThat(process.exitValue()).isEqualTo(BY_SIGTERM);
      assertThat(out.readLine()).isNull();
      assertThat(process.errorReader(UTF_8).readLine()).isNull();
    }
  }

  private Running start() throws IOException {
    Process process = launch(arguments("127.0.0.1:0"));
    BufferedReader out = process.inputReader(UTF_8);
    String said = String.valueOf(out.readLine());
    assertThat(said).matches(ANSWERS + "http://127\\.0\\.0\\.1:[1-9][0-9]*");
    return new Running(process, URI.create(said.substring(ANSWERS.length())), out);
  }

  private String[] arguments(String listen) {
    return new String[] {
      "witness",
      "--listen=" + listen,
      "--key=" + file("w1.key"),
      "--log=" + file("log.pub"),
      "--data=" + file("state")
    };
  }

  private Process launch(String... arguments) throws IOException {
    List<String> command =
        Stream.concat(
                Stream.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ObolusCli.class.getName()),
                Stream.of(arguments))
            .toList();
    Process process = new ProcessBuilder(command).start();
    started.add(process);
    return process;
  }

  private static Said ended(Process process) throws Exception {
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).as("it has ended").isTrue();
    return new Said(
        process.exitValue(),
        new String(process.getInputStream().readAllBytes(), UTF_8),
        new String(process.getErrorStream().readAllBytes(), UTF_8));
  }

  private static int keygen(String... arguments) {
    return Said.by(
            Stream.concat(Stream.of("audit", "keygen"), Stream.of(arguments))
                .toArray(String[]::new))
        .exit();
  }

  private Path file(String name) {
    return folder.resolve(name);
  }

  private HttpResponse<String> add(URI witness, String body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(witness.resolve("/add-checkpoint"))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(URI address) throws Exception {
    return http.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
  }

  private SignedNote note(int size) throws IOException {
    return log.sign(new Checkpoint("obolus/test", size, proofs(size).root()), Instant.now());
  }

  private Proofs proofs(int size) {
    Tiles tiles =
        (level, tile, width) -> {
          byte[] hashes = new byte[width * 32];
          for (int i = 0; i < width; i++) {
            System.arraycopy(leaves.get(i), 0, hashes, i * 32, 32);
          }
          return hashes;
        };
    return new Proofs(tiles, size);
  }
}
