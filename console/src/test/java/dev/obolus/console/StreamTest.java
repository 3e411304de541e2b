// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/** The stream over HTTP: what it sends, to whom, and for how long. */
@TestPropertySource(properties = "obolus.console.streams-per-operator=2")
class StreamTest extends ConsoleWorld {

  private static HttpResponse<InputStream> open(Visitor visitor, String url, String... headers) {
    var request = HttpRequest.newBuilder(URI.create(url)).header("Accept", "text/event-stream");
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try {
      return visitor.http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Reads lines up to the one that matches. */
  private static List<String> until(HttpResponse<InputStream> stream, String pattern)
      throws IOException {
    var reader = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8));
    var lines = new ArrayList<String>();
    String line;
    while ((line = reader.readLine()) != null) {
      lines.add(line);
      if (Pattern.compile(pattern).matcher(line).find()) {
        return lines;
      }
    }
    throw new AssertionError("the stream ended after " + lines);
  }

  private static String after(HttpResponse<String> page) {
    var found = Pattern.compile("data-after=\"([^\"]+)\"").matcher(page.body());
    assertThat(found.find()).isTrue();
    return found.group(1);
  }

  @Test
  void recordsCommittedBetweenPageAndStreamAreNotLost() throws IOException {
    var records = Records.starting();
    var visitor = signedIn(StandInIdentity.Who.OLGA);
    var from = after(visitor.get("/audit"));
    log.add(records.denied("d-between", Records.BOB));

    var stream = open(visitor, url() + "/stream?after=" + from);
    var lines = until(stream, "^data:\\{\"id\"");
    stream.body().close();
    assertThat(stream.headers().firstValue("Cache-Control"))
        .hasValueSatisfying(v -> assertThat(v).contains("no-store"));
    assertThat(lines.getLast())
        .contains(
            "\"n\":1", "\"by\":{\"deny\":1}", "\"who\":\"Bob Bianchi\"", "\"word\":\"Denied\"");
  }

  @Test
  void aStreamEndsWithTheSessionAndSaysWhy() throws IOException {
    var visitor = signedIn(StandInIdentity.Who.OLGA);
    var page = visitor.get("/audit");
    IDENTITY.life = java.time.Duration.ofMinutes(60);
    clock.turn(java.time.Duration.ofMinutes(60).minusSeconds(3));
    var stream = open(visitor, url() + "/stream?after=" + after(page));
    assertThat(until(stream, "^event:bye")).isNotEmpty();
    clock.turn(java.time.Duration.ZERO);
  }

  @Test
  void oneOperatorMayHoldOnlySoManyStreams() throws IOException {
    var visitor = signedIn(StandInIdentity.Who.ADA);
    var first = open(visitor, url() + "/stream");
    var second = open(visitor, url() + "/stream");
    var third = open(visitor, url() + "/stream");
    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(second.statusCode()).isEqualTo(200);
    assertThat(third.statusCode()).isEqualTo(503);
    assertThat(third.headers().firstValue("Retry-After")).hasValue("5");
    first.body().close();
    second.body().close();
  }

  @Test
  void aStrangerGetsNoStream() {
    assertThat(open(new Visitor(), url() + "/stream").statusCode()).isEqualTo(401);
  }

  @Test
  void aPlaceOfAnotherStartIsAnsweredWithAGap() throws IOException {
    var visitor = signedIn(StandInIdentity.Who.OLGA);
    var stream = open(visitor, url() + "/stream?after=", "Last-Event-ID", "00000000-7");
    assertThat(until(stream, "^event:gap")).isNotEmpty();
    stream.body().close();
  }

  @Test
  void whatWasMissedIsReplayedWithEveryExceptionAndTheFilterHolds() throws IOException {
    var records = Records.starting();
    var visitor = signedIn(StandInIdentity.Who.OLGA);
    var from = after(visitor.get("/audit"));
    for (int i = 0; i < 40; i++) {
      log.add(records.allowed("d-a" + i, Records.ALICE));
      log.add(records.denied("d-b" + i, Records.BOB));
    }
    log.add(records.decided("d-x", Records.BOB, "deny", "S", "secret.plans", Records.OTHER_TENANT));
    var stream = open(visitor, url() + "/stream?q=effect:deny", "Last-Event-ID", from);
    var frame = until(stream, "^data:\\{\"id\"").getLast();
    stream.body().close();
    assertThat(frame).contains("\"n\":40", "\"shown\":40").doesNotContain("Alice", "secret.plans");
  }

  @Test
  void aPruneIsStreamedToWhomMaySeeAllItsTenants() throws IOException {
    var records = Records.starting();
    var visitor = signedIn(StandInIdentity.Who.OLGA);
    var from = after(visitor.get("/audit"));
    log.add(records.pruned(Records.TENANT, Records.OTHER_TENANT));
    var own = log.add(records.pruned(Records.TENANT));
    var stream = open(visitor, url() + "/stream?after=" + from);
    var frame = until(stream, "^data:\\{\"id\"").getLast();
    stream.body().close();
    assertThat(frame).contains("\"n\":1", own.chain() + "/" + own.seq());
  }
}
