// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import com.github.benmanes.caffeine.cache.Ticker;
import com.microsoft.aad.msal4j.ClientCredentialFactory;
import com.microsoft.aad.msal4j.ConfidentialClientApplication;
import com.microsoft.aad.msal4j.HttpResponse;
import com.microsoft.aad.msal4j.IHttpClient;
import com.microsoft.aad.msal4j.OnBehalfOfParameters;
import com.microsoft.aad.msal4j.UserAssertion;
import dev.obolus.connector.AuthorizedRequest.Correlation;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.DelegatedToken;
import dev.obolus.connector.Subject;
import dev.obolus.connector.SubjectToken;
import dev.obolus.connector.obo.OboExchange.Exchanged;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.springframework.http.MediaType;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/**
 * What the primitive costs: an exchange beside the bare request, a kept token's way at ten thousand
 * people beside msal4j's own cache, and the memory that a person takes. Prints a table.
 */
public final class ExchangeMeasurement {
  private static final String TENANT = "0b010500-0000-4000-8000-000000000001";
  private static final String SCOPE = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default";
  private static final ConnectorId CONNECTOR = new ConnectorId("databricks-sales");
  private static final int TOKEN_BYTES = 1_500;

  private ExchangeMeasurement() {}

  /** Takes no arguments; a minute or two. */
  public static void main(String[] arguments) throws Exception {
    exchanges();
    for (int people : new int[] {1_000, 10_000}) {
      hits(people);
    }
    memory();
    System.exit(0);
  }

  private static void exchanges() {
    String body =
        "{\"token_type\":\"Bearer\",\"expires_in\":3600,\"access_token\":\"%s\"}"
            .formatted("t".repeat(TOKEN_BYTES));
    DisposableServer server =
        HttpServer.create()
            .host("127.0.0.1")
            .port(0)
            .handle((request, response) ->
                request.receive().then().then(response.sendString(Mono.just(body)).then()))
            .bindNow();
    URI authority = URI.create("http://127.0.0.1:" + server.port());
    WebClient http = WebClient.create();
    OboExchange exchange = exchange(http, authority);
    var form = new LinkedMultiValueMap<String, String>();
    form.add("assertion", assertion(0));
    form.add("scope", SCOPE);
    IntConsumer bare =
        _ ->
            Objects.requireNonNull(
                http.post()
                    .uri(authority)
                    .contentType(MediaType.APPLICATION_FORM_URLENCODED)
                    .body(BodyInserters.fromFormData(form))
                    .exchangeToMono(response -> response.toEntity(byte[].class))
                    .block());
    IntConsumer exchanged = i -> Objects.requireNonNull(exchange.exchange(request(i)).block());
    for (int round = 0; round < 3; round++) {
      report("bare request, round " + round, timed(bare, 4_000));
      report("exchange, round " + round, timed(exchanged, 4_000));
    }
    server.disposeNow();
  }

  private static OboExchange exchange(WebClient http, URI authority) {
    var alerts = new Alerts(new SimpleMeterRegistry());
    var endpoint =
        new TokenEndpoint(
            http,
            new TokenEndpoint.Settings(Duration.ofSeconds(5), Duration.ofSeconds(1)),
            new Credentials(List.of(new FixedSecret()), alerts),
            new Breakers(InstantSource.system()),
            new Random(1),
            alerts,
            InstantSource.system());
    return new EntraOboExchange(
        new EntraOboExchange.Settings(authority, "gateway", false), endpoint);
  }

  private static OboExchange.Request request(int person) {
    return new OboExchange.Request(token(person), TENANT, SCOPE, Optional.empty(), "request-1");
  }

  private static void hits(int people) {
    var random = new Random(7);
    int[] order = random.ints(200_000, 0, people).toArray();
    CachedDelegatedAccess ours = ours();
    Subject[] subjects =
        IntStream.range(0, people).mapToObj(ExchangeMeasurement::subject).toArray(Subject[]::new);
    IntConsumer hit = i -> use(ours, subjects[order[i]]);
    for (Subject subject : subjects) {
      use(ours, subject);
    }
    var _ = timed(hit, order.length);
    report("kept token, ours, " + people + " people", timed(hit, order.length));

    ConfidentialClientApplication msal = msal();
    OnBehalfOfParameters[] asked =
        IntStream.range(0, people)
            .mapToObj(i ->
                OnBehalfOfParameters.builder(Set.of(SCOPE), new UserAssertion(assertion(i)))
                    .build())
            .toArray(OnBehalfOfParameters[]::new);
    for (OnBehalfOfParameters each : asked) {
      Objects.requireNonNull(msal.acquireToken(each).join());
    }
    int calls = CountingHttp.CALLS.get();
    IntConsumer lookUp = i -> Objects.requireNonNull(msal.acquireToken(asked[order[i]]).join());
    int most = people > 1_000 ? 2_000 : 10_000;
    var _ = timed(lookUp, most);
    report("kept token, msal4j, " + people + " people", timed(lookUp, most));
    System.out.println(
        "  msal4j asked its provider meanwhile: " + (CountingHttp.CALLS.get() - calls));
  }

  private static void memory() {
    for (int people : new int[] {10_000, 50_000}) {
      long before = heap();
      CachedDelegatedAccess ours = ours();
      for (int i = 0; i < people; i++) {
        use(ours, subject(i));
      }
      long used = heap() - before;
      use(ours, subject(0));
      System.out.printf(
          "memory for each of %d people: %d bytes, of which the token %d%n",
          people, used / people, TOKEN_BYTES);
    }
  }

  private static long heap() {
    Runtime runtime = Runtime.getRuntime();
    for (int i = 0; i < 5; i++) {
      System.gc();
    }
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static CachedDelegatedAccess ours() {
    var meters = new CacheMeters(new SimpleMeterRegistry());
    OboExchange instant =
        request ->
            Mono.just(
                new Exchanged.Issued(
                    new DelegatedToken(
                        new String(new byte[TOKEN_BYTES], StandardCharsets.ISO_8859_1)),
                    Duration.ofHours(1),
                    Optional.empty()));
    return new CachedDelegatedAccess(
        instant,
        new CachedDelegatedAccess.Settings("bench", Duration.ofMinutes(30), Duration.ofMinutes(1)),
        new TokenCache(50_000, InstantSource.system(), Ticker.systemTicker(), meters),
        new Refusals(InstantSource.system(), Ticker.systemTicker()),
        new Generations(100_000, Ticker.systemTicker()),
        InstantSource.system(),
        new Random(1),
        meters);
  }

  private static void use(CachedDelegatedAccess ours, Subject subject) {
    Objects.requireNonNull(
        ours.forSubject(subject, CONNECTOR, new Correlation("r", "t"))
            .call(SCOPE, Mono::just)
            .block());
  }

  private static Subject subject(int person) {
    return new Subject(TENANT, "person-" + person, "agent", Set.of(), token(person));
  }

  private static SubjectToken token(int person) {
    return new SubjectToken(assertion(person), Instant.now().plusSeconds(7_200));
  }

  /** As long as Entra's usually are. */
  private static String assertion(int person) {
    return "%08d".formatted(person) + "a".repeat(TOKEN_BYTES);
  }

  private static ConfidentialClientApplication msal() {
    try {
      return ConfidentialClientApplication.builder(
              "gateway", ClientCredentialFactory.createFromSecret("secret"))
          .authority("https://login.microsoftonline.com/" + TENANT + "/")
          .instanceDiscovery(false)
          .httpClient(new CountingHttp().client())
          .executorService(new Direct())
          .build();
    } catch (java.net.MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long[] timed(IntConsumer action, int times) {
    long[] took = new long[times];
    for (int i = 0; i < times; i++) {
      long start = System.nanoTime();
      action.accept(i);
      took[i] = System.nanoTime() - start;
    }
    return took;
  }

  private static void report(String what, long[] took) {
    Arrays.sort(took);
    System.out.printf(
        "%-40s p50 %9.2f us   p99 %9.2f us   mean %9.2f us%n",
        what,
        took[took.length / 2] / 1e3,
        took[took.length * 99 / 100] / 1e3,
        Arrays.stream(took).average().orElse(0) / 1e3);
  }

  private static final class FixedSecret implements ClientCredential {
    @Override
    public Mono<Map<String, String>> proof(String tokenEndpoint) {
      return Mono.just(Map.of("client_secret", "secret"));
    }

    @Override
    public Mono<Boolean> renew(String tokenEndpoint) {
      return Mono.just(false);
    }
  }

  /** Entra's answer to msal4j, with what its cache wants to tell people apart. */
  private static final class CountingHttp {
    private static final java.util.concurrent.atomic.AtomicInteger CALLS =
        new java.util.concurrent.atomic.AtomicInteger();

    IHttpClient client() {
      return _ -> {
        int person = CALLS.incrementAndGet();
        var response = new HttpResponse();
        response.statusCode(200);
        response.body(
            """
            {"token_type":"Bearer","scope":"%s","expires_in":3600,"access_token":"%s",
             "client_info":"%s","id_token":"%s"}\
            """
                .formatted(
                    SCOPE,
                    "t".repeat(TOKEN_BYTES),
                    encoded("{\"uid\":\"person-%d\",\"utid\":\"%s\"}".formatted(person, TENANT)),
                    encoded("{\"alg\":\"none\"}")
                        + "."
                        + encoded("{\"oid\":\"person-%d\"}".formatted(person))
                        + "."));
        return response;
      };
    }

    private static String encoded(String text) {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** So that a look-up is measured and not a change of threads. */
  private static final class Direct extends AbstractExecutorService implements ExecutorService {
    @Override
    public void execute(Runnable command) {
      command.run();
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }
}
