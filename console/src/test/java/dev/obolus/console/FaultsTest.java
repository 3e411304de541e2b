// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;

/** What a request that cannot be read meets, and where the number leads that a page tells. */
@Import(FaultsTest.Breaking.class)
@ExtendWith(OutputCaptureExtension.class)
class FaultsTest extends ConsoleWorld {

  @TestConfiguration(proxyBeanMethods = false)
  static class Breaking {
    @Bean
    WebFilter breaks() {
      return (exchange, chain) ->
          exchange.getRequest().getQueryParams().containsKey("break")
              ? Mono.error(() -> new IllegalStateException("words of a caller"))
              : chain.filter(exchange);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Accept, ///, /audit",
    "Accept, text/html;q=much, /audit",
    "Accept, ///, /signed-out",
    "Content-Type, ///, /audit",
    "Content-Type, text, /sign-out"
  })
  void aHeaderThatIsNoMediaTypeIsNamedAndNotAFault(
      String header, String value, String path, CapturedOutput output) {
    var answer =
        new Visitor(HttpClient.Redirect.NEVER)
            .send(
                HttpRequest.newBuilder(URI.create(url() + path))
                    .header(header, value)
                    .POST(HttpRequest.BodyPublishers.ofString("a=b")));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("Its header " + header + " holds");
    assertThat(answer.headers().firstValue("Content-Security-Policy")).isPresent();
    assertThat(output.getAll()).doesNotContain("Invalid", "could not be made");
  }

  @Test
  void theNumberThatAPageTellsIsInTheLogWithClassAndPlaceInOneLine(CapturedOutput output) {
    var page = new Visitor().get("/signed-out?break=1");
    assertThat(page.statusCode()).isEqualTo(500);
    var number = Pattern.compile("this number: ([0-9a-f-]{36})").matcher(page.body());
    assertThat(number.find()).isTrue();

    assertThat(output.getOut().lines().filter(line -> line.contains(number.group(1))))
        .singleElement()
        .asString()
        .startsWith("{")
        .contains("a page could not be made", "java.lang.IllegalStateException", "FaultsTest");
    assertThat(output.getAll()).doesNotContain("words of a caller", "\tat ");
  }

  @Test
  void aProgramThatIsNotSignedInIsToldSoInASentence() {
    var answer = new Visitor(HttpClient.Redirect.NEVER).get("/audit", "application/json");
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.body()).contains("Not signed in");
  }
}
