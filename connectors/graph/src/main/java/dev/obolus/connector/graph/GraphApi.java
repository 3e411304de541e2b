// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.graph;

import dev.obolus.connector.AuthorizedRequest;
import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorFailure.Malformed;
import dev.obolus.connector.ConnectorFailure.SourceState;
import dev.obolus.connector.ConnectorFailure.TooLarge;
import dev.obolus.connector.ConnectorFailure.Unavailable;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.DelegatedAccess.SourceChallenge;
import dev.obolus.connector.DelegatedToken;
import dev.obolus.connector.SourceHost;
import dev.obolus.connector.obo.ClaimsChallenge;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClient.RequestHeadersSpec;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code POST /v1.0/me/getMemberObjects} and the pages that follow (Microsoft Graph,
 * "directoryObject: getMemberObjects", "Paging"). Redirects are not followed, a next page is asked
 * for at the same host only, and an answer is read only up to a bound.
 */
final class GraphApi {
  private static final String MEMBER_OBJECTS = "/v1.0/me/getMemberObjects";
  private static final String SECURITY_GROUPS = "{\"securityEnabledOnly\":true}";
  private static final String REQUEST_ID = "request-id";
  private static final Duration EXCHANGE = Duration.ofSeconds(10);

  /** Graph tells at most 11,000 ids in one answer: 430 KB. */
  private static final int LARGEST_ANSWER = 1024 * 1024;

  private static final int MOST_PAGES = 32;
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(32).build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private final SourceHost host;
  private final WebClient http;

  GraphApi(SourceHost host, String name) {
    this.host = host;
    this.http =
        WebClient.builder()
            .clientConnector(new ReactorClientHttpConnector(client(host, name)))
            .build();
  }

  /**
   * What every call carries.
   *
   * @param upstream is told of Graph's own id of each exchange
   */
  record Call(DelegatedToken token, AuthorizedRequest request, Consumer<String> upstream) {

    private void write(HttpHeaders headers) {
      headers.set(HttpHeaders.AUTHORIZATION, token.authorizationHeader());
      headers.set("client-request-id", request.correlation().clientRequestId());
    }
  }

  /** The ids, within the request's limits; an error signal is a {@link GraphFailure}. */
  Mono<ConnectorResult> groups(Call call) {
    return Mono.defer(() -> {
      var first =
          http.post()
              .uri(host.resolve(MEMBER_OBJECTS))
              .contentType(MediaType.APPLICATION_JSON)
              .bodyValue(SECURITY_GROUPS);
      return gathered(first, new GatheredIds(call.request().limits()), 1, call)
          .map(GatheredIds::rows);
    });
  }

  private Mono<GatheredIds> gathered(
      RequestHeadersSpec<?> asked, GatheredIds ids, int page, Call call) {
    return exchange(asked, call)
        .flatMap(answer -> {
          boolean fits = ids.take(answer);
          Optional<URI> next = next(answer);
          if (next.isEmpty() || !fits) {
            return Mono.just(ids);
          }
          return page == MOST_PAGES
              ? Mono.error(() -> new GraphFailure(new TooLarge("pages")))
              : gathered(http.get().uri(next.get()), ids, page + 1, call);
        });
  }

  /** Never elsewhere: the token would go along. */
  private Optional<URI> next(JsonNode answer) {
    JsonNode link = answer.path("@odata.nextLink");
    if (link.isMissingNode()) {
      return Optional.empty();
    }
    if (!link.asString("").startsWith(host.resolve("/v1.0/").toString())) {
      throw new GraphFailure(new Malformed("next_link"));
    }
    try {
      return Optional.of(URI.create(link.asString("")));
    } catch (IllegalArgumentException _) {
      throw new GraphFailure(new Malformed("next_link"));
    }
  }

  private static Mono<JsonNode> exchange(RequestHeadersSpec<?> asked, Call call) {
    return asked
        .accept(MediaType.APPLICATION_JSON)
        .headers(call::write)
        .exchangeToMono(response -> read(response, call))
        .timeout(EXCHANGE)
        .onErrorMap(GraphApi::translate);
  }

  /** Whatever the answer is, and whether or not it is read to its end, its id is known first. */
  private static Mono<JsonNode> read(ClientResponse response, Call call) {
    response.headers().header(REQUEST_ID).stream().limit(1).forEach(call.upstream());
    return DataBufferUtils.join(response.body(BodyExtractors.toDataBuffers()), LARGEST_ANSWER)
        .map(GraphApi::drain)
        .defaultIfEmpty(new byte[0])
        .map(body -> answer(response, parse(body)));
  }

  private static byte[] drain(DataBuffer buffer) {
    byte[] bytes = new byte[buffer.readableByteCount()];
    buffer.read(bytes);
    DataBufferUtils.release(buffer);
    return bytes;
  }

  private static JsonNode answer(ClientResponse response, Optional<JsonNode> json) {
    int status = response.statusCode().value();
    if (status == 200) {
      return json.filter(JsonNode::isObject)
          .orElseThrow(() -> new GraphFailure(new Malformed("not_json")));
    }
    HttpHeaders headers = response.headers().asHttpHeaders();
    if (status == 401) {
      ClaimsChallenge.find(headers.getOrEmpty(HttpHeaders.WWW_AUTHENTICATE))
          .ifPresent(claims -> {
            throw new SourceChallenge(claims);
          });
    }
    String code = json.map(node -> node.path("error").path("code").asString("")).orElse("");
    throw GraphFailure.of(
        status, code, Optional.ofNullable(headers.getFirst(HttpHeaders.RETRY_AFTER)));
  }

  private static Optional<JsonNode> parse(byte[] body) {
    try {
      return body.length == 0 ? Optional.empty() : Optional.of(JSON.readTree(body));
    } catch (JacksonException _) {
      return Optional.empty();
    }
  }

  private static Throwable translate(Throwable error) {
    return switch (error) {
      case DataBufferLimitException _ -> new GraphFailure(new TooLarge("answer"));
      case TimeoutException _ ->
          new GraphFailure(new ConnectorFailure.TimedOut(SourceState.UNKNOWN));
      case WebClientRequestException _ -> new GraphFailure(new Unavailable("connection"));
      case IOException _ -> new GraphFailure(new Unavailable("connection"));
      default -> error;
    };
  }

  private static HttpClient client(SourceHost host, String name) {
    HttpClient client =
        HttpClient.create(
                ConnectionProvider.builder(name)
                    .maxConnections(50)
                    .pendingAcquireTimeout(Duration.ofSeconds(5))
                    .maxIdleTime(Duration.ofSeconds(30))
                    .build())
            .followRedirect(false)
            .responseTimeout(EXCHANGE)
            .resolvedAddressesSelector((_, addresses) -> host.permitted(addresses));
    return host.isTls() ? modernTls(client) : client;
  }

  private static HttpClient modernTls(HttpClient client) {
    try {
      SslContext context = SslContextBuilder.forClient().protocols("TLSv1.3", "TLSv1.2").build();
      return client.secure(spec -> spec.sslContext(context));
    } catch (IOException e) {
      throw new IllegalStateException("no TLS 1.2 here", e);
    }
  }
}
