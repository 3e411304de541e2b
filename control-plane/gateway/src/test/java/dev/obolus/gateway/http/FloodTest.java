// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.gateway.testing.TestIssuer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.http.MediaType;
import org.springframework.test.context.TestPropertySource;

@TestPropertySource(properties = {"obolus.limits.rate=1", "obolus.limits.burst=3"})
class FloodTest extends SliceTest {

  @Test
  void aCallerOverHisRateIsRefusedBeforeHisBodyIsReadAndNobodyElseIs() {
    String alice = ISSUER.token(TestIssuer.ALICE);
    int refused = 0;
    for (int i = 0; i < 20; i++) {
      int status = post(alice, "not even json").returnResult(String.class).getStatus().value();
      refused += status == 429 ? 1 : 0;
    }
    assertThat(refused).isPositive();
    post(alice, GOOD_BODY).expectStatus().isEqualTo(429).expectHeader().exists("Retry-After");
    post(ISSUER.token(TestIssuer.BOB), GOOD_BODY).expectStatus().isOk();

    Map<String, Long> counts = sealCounts();
    assertThat(counts).containsKey("rate_limited");
    assertThat(counts.get("rate_limited")).isEqualTo(refused + 1L);
    assertThat(log.events()).singleElement().isInstanceOf(AuditEvent.Rejected.class);
  }

  /** A minute of as much as eight connections bear, from one caller and from strangers. */
  @Test
  @Tag("long")
  void aMinuteOfFloodReachesPolicyAndLogAtTheCallersRateAndOthersAreServed() throws Exception {
    String alice = ISSUER.token(TestIssuer.ALICE);
    String bob = ISSUER.token(TestIssuer.BOB);
    long start = System.nanoTime();
    long end = start + TimeUnit.SECONDS.toNanos(60);
    List<Thread> flood = new ArrayList<>();
    LongAdder sent = new LongAdder();
    Set<Integer> answers = ConcurrentHashMap.newKeySet();
    for (int i = 0; i < 8; i++) {
      String token = i % 2 == 0 ? alice : "forged-" + i;
      flood.add(Thread.ofVirtual().start(() -> send(token, end, sent, answers)));
    }
    int served = 0;
    while (System.nanoTime() < end) {
      post(bob, GOOD_BODY).expectStatus().isOk();
      served++;
      Thread.sleep(1_100);
    }
    for (Thread each : flood) {
      each.join();
    }
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
    assertThat(sent.sum()).isGreaterThan(20 * seconds);
    assertThat(answers).contains(401, 429).isSubsetOf(200, 401, 429);
    assertThat(mediator.asks.size() - served).isBetween(1, Math.toIntExact(seconds) + 4);
    assertThat(sealCounts()).containsKeys("rate_limited", "token_unreadable");
    assertThat(log.events()).singleElement().isInstanceOf(AuditEvent.Rejected.class);
  }

  private void send(String token, long end, LongAdder sent, Set<Integer> answers) {
    while (System.nanoTime() < end) {
      answers.add(post(token, GOOD_BODY).returnResult(String.class).getStatus().value());
      sent.increment();
    }
  }

  @Test
  void anOperatorOverTheirRateIsRefusedAndNoOtherIs() {
    int refused = 0;
    for (int i = 0; i < 20; i++) {
      refused += status(TestIssuer.ALICE) == 429 ? 1 : 0;
    }
    assertThat(refused).isPositive();
    assertThat(status(TestIssuer.BOB)).isEqualTo(200);
    assertThat(sealCounts()).containsEntry("rate_limited", (long) refused);
  }

  private int status(String operator) {
    Map<String, Object> claims = TestIssuer.claims(operator);
    claims.put("aud", TestIssuer.OPERATOR);
    claims.put("azp", TestIssuer.CONSOLE);
    claims.put("scp", "operate");
    claims.put("roles", List.of("Soc"));
    return client()
        .get()
        .uri("/operator/v1/status")
        .header("Authorization", "Bearer " + ISSUER.sign(claims))
        .exchange()
        .returnResult(String.class)
        .getStatus()
        .value();
  }

  @Test
  void strangersGrowTheLogByOneRecordAnInterval() {
    for (int i = 0; i < 30; i++) {
      post("forged-" + i, GOOD_BODY).expectStatus().isUnauthorized();
    }
    assertThat(sealCounts()).containsExactly(Map.entry("token_unreadable", 30L));
    assertThat(log.events()).hasSize(1);
  }

  @Test
  void countsThatTheLogDidNotTakeAreSealedLater() {
    post("forged", GOOD_BODY).expectStatus().isUnauthorized();
    log.down(true);
    assertThat(sealCounts()).isEmpty();
    log.down(false);
    assertThat(sealCounts()).containsExactly(Map.entry("token_unreadable", 1L));
  }

  @Test
  void aTokenTwiceOrInTheAddressIsNoToken() {
    String token = ISSUER.token(TestIssuer.BOB);
    client()
        .post()
        .uri("/v1/requests?access_token=" + token)
        .contentType(MediaType.APPLICATION_JSON)
        .bodyValue(GOOD_BODY)
        .exchange()
        .expectStatus()
        .isUnauthorized();
    client()
        .get()
        .uri("/v1/connectors")
        .headers(headers -> headers.addAll("Authorization", List.of("Bearer " + token, "Basic x")))
        .exchange()
        .expectStatus()
        .isUnauthorized();
  }
}
