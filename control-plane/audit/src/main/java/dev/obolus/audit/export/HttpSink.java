// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.export;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/**
 * Posts lines to a collector, at most a megabyte a call. A collector that is busy (429) or ill
 * (5xx) is asked again, after as long as its {@code Retry-After} says; one that does not take the
 * token (401) once more with another; any other refusal is a fault.
 */
public final class HttpSink implements Sink {
  static final int MOST_BYTES = 1_000_000;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  private final HttpClient client;
  private final URI target;
  private final Bearer bearer;
  private final Body body;

  /** What proves us to the collector. */
  @FunctionalInterface
  public interface Bearer {
    /** Where anybody may post. */
    Bearer NONE = _ -> Optional.empty();

    /**
     * A bearer token. May block.
     *
     * @param anew another than the last one, which was refused
     */
    Optional<String> token(boolean anew) throws IOException;

    /** Read at each call, so that it can be renewed beside us. */
    static Bearer inFile(Path file) {
      return _ -> Optional.of(Files.readString(file).strip());
    }
  }

  /** How the lines of one call are put together. */
  public enum Body {
    /** A line each, as {@code application/x-ndjson}. */
    LINES("application/x-ndjson", "", "\n", "\n", false),
    /** One JSON array, packed (gzip), as Azure Monitor's Logs Ingestion takes it. */
    ARRAY("application/json", "[", ",", "]", true);

    private final String type;
    private final String before;
    private final String between;
    private final String after;
    private final boolean packed;

    Body(String type, String before, String between, String after, boolean packed) {
      this.type = type;
      this.before = before;
      this.between = between;
      this.after = after;
      this.packed = packed;
    }
  }

  /**
   * A sink.
   *
   * @param bearer asked at each call
   */
  public HttpSink(HttpClient client, URI target, Bearer bearer, Body body) {
    this.client = client;
    this.target = target;
    this.bearer = bearer;
    this.body = body;
  }

  @Override
  public void send(List<String> lines) throws IOException, InterruptedException {
    List<String> call = new ArrayList<>();
    int bytes = 2;
    for (String line : lines) {
      int size = line.getBytes(StandardCharsets.UTF_8).length + 1;
      if (bytes + size > MOST_BYTES && !call.isEmpty()) {
        post(call);
        call.clear();
        bytes = 2;
      }
      call.add(line);
      bytes += size;
    }
    if (!call.isEmpty()) {
      post(call);
    }
  }

  private void post(List<String> lines) throws IOException, InterruptedException {
    String text = body.before + String.join(body.between, lines) + body.after;
    byte[] content = body.packed ? packed(text) : text.getBytes(StandardCharsets.UTF_8);
    boolean renewed = false;
    while (true) {
      HttpResponse<Void> answer =
          client.send(request(content, renewed), HttpResponse.BodyHandlers.discarding());
      int status = answer.statusCode();
      if (status / 100 == 2) {
        return;
      }
      if (status == 401 && !renewed) {
        renewed = true;
      } else if (status != 429 && status / 100 != 5) {
        throw new IOException("the collector answered " + status);
      } else {
        renewed = false;
        Thread.sleep(wait(answer.headers().firstValue("Retry-After")));
      }
    }
  }

  private HttpRequest request(byte[] content, boolean anew) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target)
            .timeout(PATIENCE)
            .header("Content-Type", body.type)
            .POST(HttpRequest.BodyPublishers.ofByteArray(content));
    HttpRequest.Builder asked = body.packed ? request.header("Content-Encoding", "gzip") : request;
    bearer.token(anew).ifPresent(token -> asked.setHeader("Authorization", "Bearer " + token));
    return asked.build();
  }

  private static byte[] packed(String content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static Duration wait(Optional<String> retryAfter) {
    Duration asked =
        retryAfter
            .filter(seconds -> seconds.matches("[0-9]{1,6}"))
            .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
            .orElse(Duration.ofSeconds(5));
    return asked.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : asked;
  }
}
