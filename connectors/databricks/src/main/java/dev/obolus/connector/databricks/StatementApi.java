// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.databricks;

import dev.obolus.connector.AuthorizedRequest.Correlation;
import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.DelegatedAccess.SourceChallenge;
import dev.obolus.connector.DelegatedToken;
import dev.obolus.connector.SourceHost;
import dev.obolus.connector.obo.ClaimsChallenge;
import dev.obolus.connector.sql.BoundStatement;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.ReactiveHttpOutputMessage;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.BodyInserter;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
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
import tools.jackson.databind.node.ObjectNode;

/**
 * The four calls of the Statement Execution API that are made here. Redirects are not followed, no
 * address is taken from an answer, and an answer is read only up to a bound.
 */
final class StatementApi {
  private static final String STATEMENTS = "/api/2.0/sql/statements";
  private static final String REQUEST_ID = "x-request-id";
  private static final Duration EXCHANGE = Duration.ofSeconds(30);
  private static final int SMALL_ANSWER = 256 * 1024;
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(32)
                          .maxStringLength(32 * 1024 * 1024)
                          .build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private final SourceHost workspace;
  private final String warehouse;
  private final WebClient http;

  StatementApi(SourceHost workspace, String warehouse, String name) {
    this.workspace = workspace;
    this.warehouse = warehouse;
    this.http =
        WebClient.builder()
            .clientConnector(new ReactorClientHttpConnector(client(workspace, name)))
            .build();
  }

  private static HttpClient client(SourceHost workspace, String name) {
    HttpClient client =
        HttpClient.create(
                ConnectionProvider.builder(name)
                    .maxConnections(200)
                    .pendingAcquireTimeout(Duration.ofSeconds(5))
                    .maxIdleTime(Duration.ofSeconds(30))
                    .build())
            .followRedirect(false)
            .responseTimeout(EXCHANGE)
            .resolvedAddressesSelector((_, addresses) -> workspace.permitted(addresses));
    return workspace.isTls() ? modernTls(client) : client;
  }

  private static HttpClient modernTls(HttpClient client) {
    try {
      SslContext context = SslContextBuilder.forClient().protocols("TLSv1.3", "TLSv1.2").build();
      return client.secure(spec -> spec.sslContext(context));
    } catch (IOException e) {
      throw new IllegalStateException("no TLS 1.2 here", e);
    }
  }

  /** Sends the statement. The source answers within 5 seconds, done or not, and goes on. */
  Mono<Answer> submit(BoundStatement statement, long byteLimit, String decisionId, Call call) {
    ObjectNode body = JSON.createObjectNode();
    body.put("statement", statement.text());
    body.put("warehouse_id", warehouse);
    body.put("format", "JSON_ARRAY");
    body.put("disposition", "INLINE");
    body.put("wait_timeout", "5s");
    body.put("on_wait_timeout", "CONTINUE");
    body.put("row_limit", statement.limits().rows() + 1L);
    body.put("byte_limit", byteLimit);
    var parameters = body.putArray("parameters");
    for (BoundStatement.Parameter parameter : statement.parameters()) {
      parameters
          .addObject()
          .put("name", parameter.name())
          .put("value", parameter.value())
          .put("type", parameter.type());
    }
    body.putArray("query_tags").addObject().put("key", "obolus_decision").put("value", decisionId);
    return exchange(HttpMethod.POST, STATEMENTS, Optional.of(body), call);
  }

  Mono<Answer> poll(StatementId id, Call call) {
    return exchange(HttpMethod.GET, STATEMENTS + "/" + id.value(), Optional.empty(), call);
  }

  Mono<Answer> chunk(StatementId id, int index, Call call) {
    String path = STATEMENTS + "/" + id.value() + "/result/chunks/" + index;
    return exchange(HttpMethod.GET, path, Optional.empty(), call);
  }

  Mono<Answer> cancel(StatementId id, Call call) {
    String path = STATEMENTS + "/" + id.value() + "/cancel";
    return exchange(HttpMethod.POST, path, Optional.of(JSON.createObjectNode()), call);
  }

  private Mono<Answer> exchange(
      HttpMethod method, String path, Optional<ObjectNode> body, Call call) {
    return http.method(method)
        .uri(workspace.resolve(path))
        .accept(MediaType.APPLICATION_JSON)
        .headers(call::write)
        .contentType(MediaType.APPLICATION_JSON)
        .body(body.map(StatementApi::inserted).orElseGet(BodyInserters::empty))
        .exchangeToMono(response -> read(response, call))
        .timeout(EXCHANGE)
        .onErrorMap(StatementApi::translate);
  }

  private static BodyInserter<byte[], ReactiveHttpOutputMessage> inserted(ObjectNode json) {
    return BodyInserters.fromValue(JSON.writeValueAsBytes(json));
  }

  /** Whatever the answer is, and whether or not it is read to its end, its id is known first. */
  private static Mono<Answer> read(ClientResponse response, Call call) {
    response.headers().header(REQUEST_ID).stream().limit(1).forEach(call.upstream());
    boolean ok = response.statusCode().value() == 200;
    return DataBufferUtils.join(
            response.body(BodyExtractors.toDataBuffers()), ok ? call.answerLimit() : SMALL_ANSWER)
        .map(StatementApi::drain)
        .defaultIfEmpty(new byte[0])
        .map(body -> answer(response, body));
  }

  private static byte[] drain(DataBuffer buffer) {
    byte[] bytes = new byte[buffer.readableByteCount()];
    buffer.read(bytes);
    DataBufferUtils.release(buffer);
    return bytes;
  }

  private static Answer answer(ClientResponse response, byte[] body) {
    int status = response.statusCode().value();
    HttpHeaders headers = response.headers().asHttpHeaders();
    Optional<JsonNode> json = parse(body);
    if (status != 200) {
      if (status == 401) {
        ClaimsChallenge.find(headers.getOrEmpty(HttpHeaders.WWW_AUTHENTICATE))
            .ifPresent(claims -> {
              throw new SourceChallenge(claims);
            });
      }
      String code = json.map(node -> node.path("error_code").asString("")).orElse("");
      throw new SourceFailure(
          Faults.ofStatus(
              status, code, Optional.ofNullable(headers.getFirst(HttpHeaders.RETRY_AFTER))));
    }
    return new Answer(
        json.filter(JsonNode::isObject)
            .orElseThrow(() -> new SourceFailure(new ConnectorFailure.Malformed("not_json"))));
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
      case SourceFailure failure -> failure;
      case SourceChallenge challenge -> challenge;
      case DataBufferLimitException _ -> new SourceFailure(new ConnectorFailure.TooLarge("answer"));
      case TimeoutException _ ->
          new SourceFailure(new ConnectorFailure.TimedOut(ConnectorFailure.SourceState.UNKNOWN));
      case WebClientRequestException _ ->
          new SourceFailure(new ConnectorFailure.Unavailable("connection"));
      case IOException _ -> new SourceFailure(new ConnectorFailure.Unavailable("connection"));
      default -> error;
    };
  }

  record Answer(JsonNode body) {}

  /**
   * What every call carries.
   *
   * @param answerLimit how many bytes of an answer are read at most
   * @param upstream is told of the source's own id of each exchange
   */
  record Call(
      DelegatedToken token, Correlation correlation, int answerLimit, Consumer<String> upstream) {

    void write(HttpHeaders headers) {
      headers.set(HttpHeaders.AUTHORIZATION, token.authorizationHeader());
      headers.set("client-request-id", correlation.clientRequestId());
      headers.set("traceparent", "00-" + correlation.traceId() + "-" + span() + "-01");
    }

    /** A span of our own: the parent's id must not be all zero, and says nothing. */
    private String span() {
      return "%016x".formatted(correlation.clientRequestId().hashCode() | 0x1_0000_0000L);
    }
  }
}
