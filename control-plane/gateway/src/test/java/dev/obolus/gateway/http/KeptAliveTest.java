// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.gateway.testing.TestIssuer;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/** On a connection that is kept, every request is answered, whatever became of the one before. */
@TestPropertySource(properties = {"obolus.limits.rate=100000", "obolus.limits.burst=100000"})
class KeptAliveTest extends SliceTest {
  private static final int PATIENCE_MS = 30_000;
  private static final int ROUNDS = 40;
  private static final String JSON = "Content-Type: application/json";

  private final String token = ISSUER.token(TestIssuer.ALICE);

  /** What is sent, and the status that answers it. */
  private record Sent(String bytes, int status) {}

  @Test
  void requestsOneAfterTheOtherAreAllAnswered() throws IOException {
    try (var connection = new Connection(port)) {
      for (int round = 0; round < ROUNDS; round++) {
        for (Sent sent : kinds()) {
          connection.send(sent.bytes());
          assertThat(connection.status()).isEqualTo(sent.status());
        }
      }
    }
  }

  @Test
  void requestsSentAtOnceAreAllAnsweredInOrder() throws IOException {
    List<Sent> all = new ArrayList<>();
    IntStream.range(0, ROUNDS).forEach(_ -> all.addAll(kinds()));
    try (var connection = new Connection(port)) {
      Thread writer =
          Thread.ofVirtual()
              .start(() -> all.forEach(sent -> connection.sendUnchecked(sent.bytes())));
      for (Sent sent : all) {
        assertThat(connection.status()).isEqualTo(sent.status());
      }
      assertThat(writer).isNotNull();
    }
  }

  @Test
  void aBodyThatIsTooLargeIsAnsweredAndSoIsWhatFollowsOnItsConnectionOrTheNext()
      throws IOException {
    for (int round = 0; round < ROUNDS; round++) {
      try (var connection = new Connection(port)) {
        connection.send(get("/v1/connectors", "", 401).bytes());
        assertThat(connection.status()).isEqualTo(401);
        connection.send(post(JSON, token(), "x".repeat(300_000), 413).bytes());
        assertThat(connection.status()).isEqualTo(413);
        if (!connection.closing()) {
          connection.send(get("/v1/nothing", token(), 404).bytes());
          assertThat(connection.status()).isEqualTo(404);
        }
      }
    }
  }

  private List<Sent> kinds() {
    return List.of(
        get("/v1/connectors", "", 401),
        get("/v1/nothing", token(), 404),
        get("/v1/connectors", "not.a.token", 401),
        post("Content-Type: text/plain", token(), "hello", 415),
        post(JSON, token(), "not json", 400),
        post(JSON, token(), GOOD_BODY, 200),
        post(JSON, "", GOOD_BODY, 401),
        get("/actuator/health/readiness", "", 200));
  }

  private String token() {
    return token;
  }

  private static Sent get(String path, String token, int status) {
    return new Sent(
        "GET " + path + " HTTP/1.1\r\nHost: gateway\r\n" + bearer(token) + "\r\n", status);
  }

  private static Sent post(String type, String token, String body, int status) {
    return new Sent(
        "POST /v1/requests HTTP/1.1\r\nHost: gateway\r\n"
            + bearer(token)
            + type
            + "\r\nContent-Length: "
            + body.getBytes(StandardCharsets.UTF_8).length
            + "\r\n\r\n"
            + body,
        status);
  }

  private static String bearer(String token) {
    return token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n";
  }

  /** A connection that is read no further than each answer. */
  private static final class Connection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private boolean closing;

    Connection(int port) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(PATIENCE_MS);
      in = new BufferedInputStream(socket.getInputStream());
    }

    void send(String bytes) throws IOException {
      socket.getOutputStream().write(bytes.getBytes(StandardCharsets.UTF_8));
    }

    void sendUnchecked(String bytes) {
      try {
        send(bytes);
      } catch (IOException closed) {
        // the reader will miss the answer and say so
      }
    }

    int status() throws IOException {
      int status = Integer.parseInt(line().split(" ", 3)[1]);
      int length = 0;
      for (String line = line(); !line.isEmpty(); line = line()) {
        String[] header = line.toLowerCase(java.util.Locale.ROOT).split(": *", 2);
        closing |= header[0].equals("connection") && header[1].equals("close");
        length = header[0].equals("content-length") ? Integer.parseInt(header[1]) : length;
      }
      in.skipNBytes(length);
      return status;
    }

    boolean closing() {
      return closing;
    }

    private String line() throws IOException {
      var line = new StringBuilder();
      for (int next = in.read(); next != '\n'; next = in.read()) {
        if (next < 0) {
          throw new EOFException("closed before an answer");
        }
        line.append((char) next);
      }
      return line.toString().strip();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
