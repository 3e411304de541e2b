// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.azure;

import com.microsoft.aad.msal4j.HttpMethod;
import com.microsoft.aad.msal4j.IHttpClient;
import com.microsoft.aad.msal4j.IHttpResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.function.UnaryOperator;

/**
 * How msal4j's requests travel: it has no time-outs of its own, speaks https only, and forgets a
 * port in its cache. So it is given the authority without one, and what it asks is sent to where
 * the authority really is.
 */
final class MsalTransport implements IHttpClient {
  private final Http http;
  private final Duration within;
  private final UnaryOperator<URI> reached;

  MsalTransport(Http http, Duration within, UnaryOperator<URI> reached) {
    this.http = http;
    this.within = within;
    this.reached = reached;
  }

  @Override
  public IHttpResponse send(com.microsoft.aad.msal4j.HttpRequest asked) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(reached.apply(URI.create(asked.url().toString())));
    asked.headers().forEach((name, value) -> request.setHeader(name, value));
    HttpRequest.BodyPublisher body =
        asked.httpMethod() == HttpMethod.POST
            ? HttpRequest.BodyPublishers.ofString(String.valueOf(asked.body()))
            : HttpRequest.BodyPublishers.noBody();
    HttpResponse<String> answer =
        http.send(request.method(asked.httpMethod().name(), body).build(), within);
    var told =
        new com.microsoft.aad.msal4j.HttpResponse()
            .statusCode(answer.statusCode())
            .body(answer.body());
    told.addHeaders(answer.headers().map());
    return told;
  }
}
