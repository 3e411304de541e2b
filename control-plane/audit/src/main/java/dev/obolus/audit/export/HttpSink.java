// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.export;

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

/**
 * Posts lines to a collector, at most a megabyte a call. A collector that is busy (429) or ill
 * (5xx) is asked again, after as long as its {@code Retry-After} says; any other refusal is a
 * fault.
 */
public final class HttpSink implements Sink {
  static final int MOST_BYTES = 1_000_000;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  private final HttpClient client;
  private final URI target;
  private final Optional<Path> tokenFile;
  private final Body body;

  /** How the lines of one call are put together. */
  public enum Body {
    /** A line each, as {@code application/x-ndjson}. */
    LINES("application/x-ndjson", "", "\n", "\n"),
    /** One JSON array, as Azure Monitor's Logs Ingestion takes it. */
    ARRAY("application/json", "[", ",", "]");

    private final String type;
    private final String before;
    private final String between;
    private final String after;

    Body(String type, String before, String between, String after) {
      this.type = type;
      this.before = before;
      this.between = between;
      this.after = after;
    }
  }

  /**
   * A sink.
   *
   * @param tokenFile a bearer token, read at each call, so that it can be renewed beside us
   */
  public HttpSink(HttpClient client, URI target, Optional<Path> tokenFile, Body body) {
    this.client = client;
    this.target = target;
    this.tokenFile = tokenFile;
    this.body = body;
  }

  /**
   * Azure Monitor's Logs Ingestion API.
   *
   * @param endpoint of the data collection endpoint or rule
   * @param rule the data collection rule's immutable id
   * @param stream such as {@code Custom-Obolus_CL}
   */
  public static HttpSink azureMonitor(
      HttpClient client, URI endpoint, String rule, String stream, Path tokenFile) {
    URI target =
        endpoint.resolve(
            "/dataCollectionRules/%s/streams/%s?api-version=2023-01-01".formatted(rule, stream));
    return new HttpSink(client, target, Optional.of(tokenFile), Body.ARRAY);
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
    String content = body.before + String.join(body.between, lines) + body.after;
    while (true) {
      HttpResponse<Void> answer =
          client.send(request(content), HttpResponse.BodyHandlers.discarding());
      int status = answer.statusCode();
      if (status / 100 == 2) {
        return;
      }
      if (status != 429 && status / 100 != 5) {
        throw new IOException("the collector answered " + status);
      }
      Thread.sleep(wait(answer.headers().firstValue("Retry-After")));
    }
  }

  private HttpRequest request(String content) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target)
            .timeout(PATIENCE)
            .header("Content-Type", body.type)
            .POST(HttpRequest.BodyPublishers.ofString(content));
    if (tokenFile.isPresent()) {
      request =
          request.header("Authorization", "Bearer " + Files.readString(tokenFile.get()).strip());
    }
    return request.build();
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
