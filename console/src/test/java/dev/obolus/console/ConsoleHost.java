// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** A started console with a stand-in identity provider and a stand-in gateway. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
public abstract class ConsoleHost {
  protected static final StandInIdentity IDENTITY = new StandInIdentity();
  protected static final StandInGateway GATEWAY = new StandInGateway();
  private static final Path SECRET = secret();

  @LocalServerPort protected int port;

  @DynamicPropertySource
  static void settings(DynamicPropertyRegistry registry) {
    // the first gateway is down: the second answers
    registry.add("obolus.console.gateway-url", () -> "http://127.0.0.1:9," + GATEWAY.url());
    registry.add("obolus.console.authority", IDENTITY::url);
    registry.add("obolus.console.issuer", () -> "https://entra.obolus.test/{tenantid}/v2.0");
    registry.add("obolus.console.tenant", () -> Records.TENANT);
    registry.add("obolus.console.client-id", () -> StandInIdentity.CLIENT);
    registry.add("obolus.console.client-secret-file", SECRET::toString);
    registry.add("obolus.console.operator-audience", () -> StandInIdentity.OPERATOR_API);
  }

  private static Path secret() {
    try {
      var file =
          Files.createTempFile(
              "console",
              ".secret",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      file.toFile().deleteOnExit();
      return Files.writeString(file, StandInIdentity.SECRET + "\n");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void usualPeers() {
    GATEWAY.sound();
    GATEWAY.asked.clear();
    IDENTITY.who = StandInIdentity.Who.OLGA;
    IDENTITY.life = Duration.ofMinutes(60);
    IDENTITY.audience = StandInIdentity.OPERATOR_API;
    IDENTITY.tenantClaim = Records.TENANT;
  }

  protected String url() {
    return "http://127.0.0.1:" + port;
  }

  /** A browser without JavaScript. */
  protected final class Visitor {
    final HttpClient http;

    Visitor() {
      this(HttpClient.Redirect.ALWAYS);
    }

    Visitor(HttpClient.Redirect redirects) {
      this.http =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .cookieHandler(new CookieManager())
              .followRedirects(redirects)
              .build();
    }

    HttpResponse<String> get(String path) {
      return send(HttpRequest.newBuilder(URI.create(url() + path)).header("Accept", "text/html"));
    }

    HttpResponse<String> get(String path, String accept) {
      return send(HttpRequest.newBuilder(URI.create(url() + path)).header("Accept", accept));
    }

    /** Sends a form with the token of the last page. */
    @CanIgnoreReturnValue
    HttpResponse<String> post(String path, HttpResponse<String> page, Map<String, String> fields) {
      var form =
          fields.entrySet().stream()
              .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
              .collect(Collectors.joining("&"));
      var body = form + "&_csrf=" + URLEncoder.encode(csrf(page.body()), StandardCharsets.UTF_8);
      return send(
          HttpRequest.newBuilder(URI.create(url() + path))
              .header("Accept", "text/html")
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
      try {
        return http.send(
            request.timeout(Duration.ofSeconds(60)).build(), HttpResponse.BodyHandlers.ofString());
      } catch (IOException e) {
        throw new IllegalStateException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  private static String csrf(String html) {
    var found = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"").matcher(html);
    return found.find() ? found.group(1) : "";
  }

  /** Somebody who has signed in and stands on the live page. */
  protected Visitor signedIn(StandInIdentity.Who who) {
    IDENTITY.who = who;
    var visitor = new Visitor();
    var page = visitor.get("/audit");
    if (page.statusCode() >= 500) {
      throw new IllegalStateException(page.body());
    }
    return visitor;
  }
}
