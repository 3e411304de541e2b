// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.azure;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Requests with an end: a limit on the time until the last byte, and on the bytes. Follows no
 * redirect. Blocks.
 */
public final class Http implements AutoCloseable {
  private static final long MOST_BYTES = 256 * 1024;
  private static final Duration CONNECTING = Duration.ofSeconds(2);

  private final HttpClient client;

  public Http() {
    this(HttpClient.newBuilder());
  }

  /** Over connections as this builder makes them. */
  public Http(HttpClient.Builder builder) {
    this.client =
        builder
            .connectTimeout(CONNECTING)
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
  }

  /** The whole answer, as text; fails if it has not come by then. */
  public HttpResponse<String> send(HttpRequest request, Duration within) throws IOException {
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(
            request,
            HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(), MOST_BYTES));
    try {
      return answer.get(within.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      boolean _ = answer.cancel(true);
      throw (IOException) new HttpTimeoutException("no answer in time").initCause(e);
    } catch (InterruptedException e) {
      boolean _ = answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException("no answer", e.getCause());
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
