// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import dev.obolus.gateway.testing.TestIssuer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.MediaType;
import reactor.core.publisher.Mono;

/** Marked words go in by every way; none may come out by a log line or a metric. */
class CanaryTest extends SliceTest {
  private static final String STATEMENT = "canary-statement-7391";
  private static final String PURPOSE = "canary-purpose-7391";
  private static final String NAME = "canary-name-7391";
  private static final String FAULT = "canary-fault-7391";

  @Autowired MeterRegistry meters;
  private final Lines lines = new Lines();
  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);

  @BeforeEach
  void listen() {
    lines.start();
    root.addAppender(lines);
    ((Logger) LoggerFactory.getLogger("dev.obolus")).setLevel(Level.TRACE);
    ((Logger) LoggerFactory.getLogger("org.springframework.security")).setLevel(Level.DEBUG);
  }

  @AfterEach
  void stop() {
    boolean detached = root.detachAppender(lines);
    assertThat(detached).isTrue();
    ((Logger) LoggerFactory.getLogger("dev.obolus")).setLevel(null);
    ((Logger) LoggerFactory.getLogger("org.springframework.security")).setLevel(null);
  }

  @Test
  void nothingOfATokenOrARequestIsLoggedOrMeasured() {
    Map<String, Object> claims = TestIssuer.claims(TestIssuer.ALICE);
    claims.put("name", NAME);
    String token = ISSUER.sign(claims);
    String body =
        """
        {"connector":"databricks-sales","operation":"sql","purpose":"%s",
         "arguments":{"statement":"%s"}}
        """
            .formatted(PURPOSE, STATEMENT);
    post(token, body).expectStatus().isOk();
    post(token.substring(0, token.length() - 4) + "AAAA", body).expectStatus().isUnauthorized();
    post(token, body.replace("}}", "},\"" + STATEMENT + "\":1}")).expectStatus().isBadRequest();
    mediator.behaviour = (_, _) -> Mono.error(new IllegalStateException(FAULT));
    post(token, body).expectStatus().isEqualTo(500);
    client()
        .get()
        .uri("/v1/nothing?q=" + STATEMENT)
        .header("Authorization", "Bearer " + token)
        .accept(MediaType.TEXT_HTML)
        .exchange()
        .expectStatus()
        .isNotFound();

    String logged = String.join("\n", lines.seen);
    assertThat(logged).contains("request_id", "internal");
    assertNothingOf(token, logged);
    assertNothingOf(token, measured());
  }

  private static void assertNothingOf(String token, String text) {
    for (String part : token.split("\\.", -1)) {
      assertThat(text).doesNotContain(part);
    }
    assertThat(text)
        .doesNotContain(STATEMENT)
        .doesNotContain(PURPOSE)
        .doesNotContain(NAME)
        .doesNotContain(FAULT)
        .doesNotContain(TestIssuer.ALICE);
  }

  private String measured() {
    return meters.getMeters().stream()
        .map(Meter::getId)
        .map(Object::toString)
        .collect(Collectors.joining("\n"));
  }

  private static final class Lines extends AppenderBase<ILoggingEvent> {
    private final List<String> seen = new CopyOnWriteArrayList<>();

    @Override
    protected void append(ILoggingEvent event) {
      String pairs = event.getKeyValuePairs() == null ? "" : event.getKeyValuePairs().toString();
      String trace =
          event.getThrowableProxy() == null
              ? ""
              : ThrowableProxyUtil.asString(event.getThrowableProxy());
      seen.add(event.getLoggerName() + " " + event.getFormattedMessage() + " " + pairs + trace);
    }
  }
}
