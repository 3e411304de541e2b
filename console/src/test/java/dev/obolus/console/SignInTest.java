// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Who gets in, who does not, and how it ends. */
class SignInTest extends ConsoleWorld {

  @Test
  void anAuditorGetsInAndTheSignInIsRecorded() {
    var page = signedIn(StandInIdentity.Who.ADA).get("/audit");

    assertThat(page.body()).contains("Ada Adeyemi", "Auditor", "Nothing is recorded yet");
    assertThat(GATEWAY.asked).anyMatch(a -> a.startsWith("POST /operator/v1/sign-ins"));
    assertThat(page.body()).doesNotContain("not on the record");
  }

  @Test
  void aRoleThatMayNotReadIsToldWhichOneIsNeeded() {
    log.add(Records.starting().denied("d-1", Records.BOB));
    var visitor = signedIn(StandInIdentity.Who.PAUL);

    for (var path : new String[] {"/audit", "/audit/rows", "/stream", "/audit/d/d-1"}) {
      var page = visitor.get(path);
      assertThat(page.statusCode()).as(path).isEqualTo(403);
      assertThat(page.body())
          .contains("Not permitted", "Soc or Auditor", "You hold Author")
          .doesNotContain("SALES-004");
    }
  }

  @Test
  void aTokenOfAnotherAudienceIsNotAccepted() {
    IDENTITY.audience = "0b010500-0000-4000-8000-0000000000a1";
    var page = new Visitor().get("/audit");
    assertThat(page.body()).contains("Sign-in did not succeed");
  }

  @Test
  void aTokenOfAnotherTenantIsNotAccepted() {
    IDENTITY.tenantClaim = Records.OTHER_TENANT;
    var page = new Visitor().get("/audit");
    assertThat(page.body()).contains("Sign-in did not succeed");
  }

  @Test
  void withoutAGatewayAnOperatorMayLookAndIsToldSo() {
    log.add(Records.starting().denied("d-1", Records.BOB));
    GATEWAY.status = 503;
    var page = signedIn(StandInIdentity.Who.OLGA).get("/audit");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body())
        .contains("Your sign-in is not on the record yet")
        .contains(Records.BOB.substring(0, 10) + "…")
        .doesNotContain("Bob Bianchi");
  }

  @Test
  void theSessionEndsWithTheToken() {
    var visitor = signedIn(StandInIdentity.Who.OLGA);
    assertThat(visitor.get("/audit").uri().getPath()).isEqualTo("/audit");
    clock.turn(Duration.ofMinutes(61));
    var page = visitor.get("/audit");

    assertThat(page.uri().getPath()).isEqualTo("/session-expired");
    assertThat(page.body()).contains("Your session has ended");
  }

  @Test
  void signingOutEndsTheSessionHereAndAtTheProvider() {
    var visitor = signedIn(StandInIdentity.Who.OLGA);
    var out = visitor.post("/sign-out", visitor.get("/audit"), Map.of("a", "b"));
    assertThat(out.uri().getPath()).isEqualTo("/signed-out");
    assertThat(out.body()).contains("You are signed out");
  }

  @Test
  void whoSignedOutAndSignsInAgainShowsAnewWhoHeIs() {
    var visitor = signedIn(StandInIdentity.Who.OLGA);
    assertThat(IDENTITY.lastPrompt).isEmpty();
    var out = visitor.post("/sign-out", visitor.get("/audit"), Map.of("a", "b"));
    var again = Pattern.compile("href=\"(/oauth2/[^\"]+)\"").matcher(out.body());
    assertThat(again.find()).isTrue();
    assertThat(visitor.get(again.group(1)).uri().getPath()).isEqualTo("/audit");
    assertThat(IDENTITY.lastPrompt).isEqualTo("login");
  }

  @Test
  void aPostWithoutItsTokenChangesNothing() {
    var visitor = signedIn(StandInIdentity.Who.OLGA);
    GATEWAY.asked.clear();
    HttpResponse<String> unsigned =
        visitor.post("/audit/verification", new Visitor().get("/signed-out"), Map.of("a", "b"));
    assertThat(unsigned.uri().getPath()).isEqualTo("/session-expired");
    assertThat(GATEWAY.asked).noneMatch(a -> a.contains("verify"));
  }

  @Test
  void everyAnswerIsStrictAboutWhatMayRun() {
    for (var path : new String[] {"/signed-out", "/audit", "/no/such/page"}) {
      var page = signedIn(StandInIdentity.Who.OLGA).get(path);
      assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
          .as(path)
          .contains(
              "default-src 'none'",
              "'strict-dynamic'",
              "frame-ancestors 'none'",
              "require-trusted-types-for 'script'")
          .doesNotContain("unsafe");
      assertThat(page.headers().firstValue("Cache-Control").orElse("")).contains("no-store");
      assertThat(page.headers().firstValue("Cross-Origin-Opener-Policy")).hasValue("same-origin");
      assertThat(page.headers().firstValue("Referrer-Policy")).hasValue("same-origin");
    }
  }

  @Test
  void noncesAreNeverRepeated() {
    var visitor = signedIn(StandInIdentity.Who.OLGA);
    var first = visitor.get("/audit").headers().firstValue("Content-Security-Policy");
    assertThat(visitor.get("/audit").headers().firstValue("Content-Security-Policy"))
        .isNotEqualTo(first);
  }

  @Test
  void theSessionCookieHasItsOwnNameAndIsClosedToScripts() {
    var stranger = new Visitor(HttpClient.Redirect.NEVER);
    var first = stranger.get("/audit");
    assertThat(first.headers().firstValue("Set-Cookie").orElse(""))
        .startsWith("obolus-console=")
        .containsIgnoringCase("; HttpOnly")
        .contains("; SameSite=Lax", "; Path=/");
  }

  /** Without leaving the event loop first, each of these runs hung within 250 requests. */
  @Test
  void keptAliveConnectionsAnswerEveryRedirect() {
    for (int i = 0; i < 120; i++) {
      var visitor = new Visitor(HttpClient.Redirect.NEVER);
      for (int j = 0; j < 5; j++) {
        assertThat(visitor.get("/oauth2/authorization/obolus").statusCode()).isEqualTo(302);
      }
      visitor.http.close();
    }
  }
}
