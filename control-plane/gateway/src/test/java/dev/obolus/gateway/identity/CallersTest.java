// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import dev.obolus.gateway.testing.TestIssuer;
import dev.obolus.gateway.testing.TestIssuer.Cloud;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.http.HttpStatus;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.WebFilterChainProxy;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;

/** Who is understood, and who is refused, in either version and in each of Entra's clouds. */
class CallersTest {
  private static final String APP_ID_URI = "api://obolus";
  private static final String PARTNER = TestIssuer.OTHER_TENANT;
  private static final String GRAPH = "00000003-0000-0000-c000-000000000000";
  private static final Map<Cloud, TestIssuer> ISSUERS = new EnumMap<>(Cloud.class);

  @AfterAll
  static void stop() {
    ISSUERS.values().forEach(TestIssuer::close);
    ISSUERS.clear();
  }

  record Row(TokenFault fault, boolean version1, Cloud cloud, Consumer<Map<String, Object>> bend) {
    @Override
    public String toString() {
      return fault.word() + " " + (version1 ? "v1" : "v2") + " " + cloud;
    }
  }

  static Stream<Row> refused() {
    return Stream.of(Cloud.values())
        .flatMap(cloud ->
            Stream.of(true, false)
                .flatMap(version1 ->
                    faults().entrySet().stream()
                        .map(it -> new Row(it.getKey(), version1, cloud, it.getValue()))));
  }

  private static Map<TokenFault, Consumer<Map<String, Object>>> faults() {
    long now = Clock.systemUTC().instant().getEpochSecond();
    Map<TokenFault, Consumer<Map<String, Object>>> faults = new EnumMap<>(TokenFault.class);
    faults.put(TokenFault.TOKEN_AUDIENCE, c -> c.put("aud", GRAPH));
    faults.put(
        TokenFault.TOKEN_IS_ID_TOKEN,
        c -> {
          c.remove("azp");
          c.remove("appid");
          c.remove("scp");
        });
    faults.put(
        TokenFault.TOKEN_SCOPE_MISSING,
        c -> {
          c.put("idtyp", "user");
          c.remove("scp");
        });
    faults.put(TokenFault.TOKEN_SCOPE, c -> c.put("scp", "openid profile"));
    faults.put(
        TokenFault.TOKEN_CONSUMER, c -> c.put("tid", "9188040d-6c67-4c5b-b112-36a304b66dad"));
    faults.put(TokenFault.TOKEN_TENANT, c -> c.put("tid", "0b010500-0000-4000-8000-00000000dead"));
    faults.put(TokenFault.TOKEN_ISSUER, c -> c.put("iss", "https://evil.example/" + PARTNER + "/"));
    faults.put(TokenFault.TOKEN_VERSION, c -> c.put("ver", "1.1"));
    faults.put(TokenFault.TOKEN_EXPIRED, c -> c.put("exp", now - 120));
    faults.put(TokenFault.TOKEN_NOT_YET_VALID, c -> c.put("nbf", now + 300));
    faults.put(TokenFault.TOKEN_SUBJECT, c -> c.remove("oid"));
    return faults;
  }

  @ParameterizedTest
  @MethodSource("refused")
  void aTokenThatIsNotForUsIsRefusedByItsFactAndGoesNoFurther(Row row) {
    AtomicInteger further = new AtomicInteger();
    Map<String, Object> claims = claims(row.cloud(), row.version1());
    row.bend().accept(claims);
    String token = issuer(row.cloud()).sign(claims);
    door(row.cloud(), further)
        .get()
        .uri("/")
        .headers(headers -> headers.setBearerAuth(token))
        .exchange()
        .expectStatus()
        .isUnauthorized()
        .expectHeader()
        .valueEquals("X-Fact", row.fault().word());
    assertThat(further).hasValue(0);
  }

  @ParameterizedTest
  @EnumSource(Cloud.class)
  void aPersonIsUnderstoodInEitherVersion(Cloud cloud) {
    for (boolean version1 : List.of(true, false)) {
      Caller.Facts facts = facts(cloud, claims(cloud, version1));
      assertThat(facts.objectId()).isEqualTo(TestIssuer.ALICE);
      assertThat(facts.client()).isEqualTo(TestIssuer.AGENT);
      assertThat(facts.publicClient()).isFalse();
    }
  }

  @Test
  void anAppIdUriCountsWithAndWithoutASlash() {
    for (String audience : List.of(APP_ID_URI, APP_ID_URI + "/", TestIssuer.GATEWAY)) {
      Map<String, Object> claims = claims(Cloud.PUBLIC, true);
      claims.put("aud", audience);
      assertThat(facts(Cloud.PUBLIC, claims).tenant()).isEqualTo(TestIssuer.TENANT);
    }
  }

  @Test
  void aWrongAudienceIsToldWithTheRightOne() {
    Map<String, Object> claims = claims(Cloud.PUBLIC, false);
    claims.put("aud", "https://graph.microsoft.com<script>");
    assertThatThrownBy(() -> caller(Cloud.PUBLIC, issuer(Cloud.PUBLIC).sign(claims)))
        .isInstanceOfSatisfying(
            TokenRefused.class,
            refused ->
                assertThat(refused.sentence())
                    .contains("Expected " + TestIssuer.GATEWAY + " or " + APP_ID_URI)
                    .endsWith("the token has https://graph.microsoft.com?script?."));
  }

  @Test
  void aGraphTokenIsToldItsAudienceThoughItsSignatureVerifiesNowhere() {
    Map<String, Object> claims = claims(Cloud.PUBLIC, false);
    claims.put("aud", GRAPH);
    String graph = TestIssuer.sign(claims, TestIssuer.newKey("graph"), JWSAlgorithm.RS256);
    assertThatThrownBy(() -> caller(Cloud.PUBLIC, graph))
        .isInstanceOfSatisfying(
            TokenRefused.class,
            refused -> assertThat(refused.fault()).isEqualTo(TokenFault.TOKEN_AUDIENCE));
  }

  @Test
  void aGuestIsToldFromAMemberByWhicheverClaimSaysSo() {
    assertGuest(true, PARTNER, c -> c.put("idp", "https://sts.windows.net/" + PARTNER + "/"));
    assertGuest(true, null, c -> c.put("idp", "live.com"));
    assertGuest(true, null, c -> c.put("acct", 1));
    assertGuest(true, null, c -> c.put("xms_idrel", "5 20"));
    assertGuest(false, TestIssuer.TENANT, c -> c.put("acct", 0));
    assertGuest(false, TestIssuer.TENANT, c -> c.put("xms_idrel", "1 12"));
    assertGuest(
        false,
        TestIssuer.TENANT,
        c -> c.put("idp", "https://sts.windows.net/" + TestIssuer.TENANT + "/"));
    assertGuest(
        true,
        PARTNER,
        c -> {
          c.put("acct", 0);
          c.put("idp", "https://sts.windows.net/" + PARTNER + "/");
        });
  }

  @Test
  void aTokenThatDoesNotTellLeavesItUnknown() {
    Caller.Facts facts = facts(Cloud.PUBLIC, claims(Cloud.PUBLIC, false));
    assertThat(facts.guest()).isEmpty();
    assertThat(facts.homeTenant()).isEmpty();
  }

  @Test
  void moreGroupsThanFitAreSaidToBeIncomplete() {
    Map<String, Object> listed = claims(Cloud.PUBLIC, false);
    listed.put("groups", List.of("g-1", "g-2"));
    assertThat(facts(Cloud.PUBLIC, listed).groupsComplete()).isTrue();
    Map<String, Object> elsewhere = claims(Cloud.PUBLIC, false);
    elsewhere.put("_claim_names", Map.of("groups", "src1"));
    elsewhere.put(
        "_claim_sources", Map.of("src1", Map.of("endpoint", "https://graph.windows.net/x")));
    assertThat(facts(Cloud.PUBLIC, elsewhere).groupsComplete()).isFalse();
    Map<String, Object> implicit = claims(Cloud.PUBLIC, false);
    implicit.put("hasgroups", true);
    assertThat(facts(Cloud.PUBLIC, implicit).groupsComplete()).isFalse();
  }

  @Test
  void groupsThatAreToldInAnyOtherWayThanAListAreIncompleteAndNoneOfThemCounts() {
    Map<String, Object> nothing = new HashMap<>();
    nothing.put("groups", null);
    for (Map<String, Object> odd :
        List.of(
            Map.<String, Object>of("groups", "src1"),
            Map.<String, Object>of("groups:src1", "https://graph.windows.net/x"),
            Map.<String, Object>of("groups", List.of("g-1", 7)),
            Map.<String, Object>of("groups", Map.of("src1", "g-1")),
            Map.<String, Object>of("_claim_names", "groups"),
            Map.<String, Object>of("_claim_names", List.of("groups")),
            nothing)) {
      Map<String, Object> claims = claims(Cloud.PUBLIC, false);
      claims.putAll(odd);
      EntraClaims read = new EntraClaims(claims);
      Caller.Facts facts =
          read.callerOf("token", Clock.systemUTC().instant().plusSeconds(60)).facts();
      assertThat(facts.groupsComplete()).as("%s", odd).isFalse();
      assertThat(facts.groups()).doesNotContain("src1");
    }
  }

  @Test
  void anIdTokenOfAPersonWithAppRolesIsToldAsOne() {
    Map<String, Object> claims = claims(Cloud.PUBLIC, false);
    claims.remove("azp");
    claims.remove("scp");
    claims.put("roles", List.of("Auditor"));
    assertThatThrownBy(() -> caller(Cloud.PUBLIC, issuer(Cloud.PUBLIC).sign(claims)))
        .isInstanceOfSatisfying(
            TokenRefused.class,
            refused -> assertThat(refused.fault()).isEqualTo(TokenFault.TOKEN_IS_ID_TOKEN));
  }

  @Test
  void anAgentIdentityActsForAPersonWithItsBlueprintBesideIt() {
    Map<String, Object> claims = claims(Cloud.PUBLIC, false);
    claims.put("xms_act_fct", "9 11");
    claims.put("xms_par_app_azp", TestIssuer.OTHER_AGENT);
    Caller caller = caller(Cloud.PUBLIC, issuer(Cloud.PUBLIC).sign(claims));
    assertThat(caller).isInstanceOf(Caller.UserCaller.class);
    assertThat(caller.facts().strength()).isEqualTo(Caller.Strength.VERIFIED_AGENT);
    assertThat(caller.facts().blueprint()).contains(TestIssuer.OTHER_AGENT);
  }

  @Test
  void anApplicationOnItsOwnIsKnownAndHasNoSubject() {
    Map<String, Object> claims = claims(Cloud.PUBLIC, false);
    claims.put("idtyp", "app");
    claims.remove("scp");
    claims.put("roles", List.of("Jobs.Run"));
    assertThat(caller(Cloud.PUBLIC, issuer(Cloud.PUBLIC).sign(claims)))
        .isInstanceOf(Caller.AppCaller.class);
  }

  @Test
  void aTokenIsVerifiedAnewOnceAllAreForgotten() {
    TokenVerifier verifier = verifier(Cloud.PUBLIC);
    String token = issuer(Cloud.PUBLIC).sign(claims(Cloud.PUBLIC, false));
    Caller first = verifier.verify(token).blockOptional().orElseThrow();
    assertThat(verifier.verify(token).blockOptional().orElseThrow()).isSameAs(first);
    verifier.forgetAll();
    assertThat(verifier.verify(token).blockOptional().orElseThrow()).isNotSameAs(first);
  }

  @Test
  void theStandInsIssuerIsBelievedOnlyWhereItWasStated() {
    TestIssuer sandbox = issuer(Cloud.SANDBOX);
    TokenVerifier unaware = verifier(sandbox.authority(), Optional.empty());
    for (boolean version1 : List.of(true, false)) {
      String token = sandbox.sign(claims(Cloud.SANDBOX, version1));
      assertThatThrownBy(() -> unaware.verify(token).block())
          .isInstanceOf(IdentityUnavailable.class);
    }
    TokenVerifier demo = verifier(issuer(Cloud.PUBLIC).authority(), Optional.of(TestIssuer.ISSUER));
    String real = issuer(Cloud.PUBLIC).sign(claims(Cloud.PUBLIC, true));
    assertThatThrownBy(() -> demo.verify(real).block()).isInstanceOf(IdentityUnavailable.class);
  }

  private static void assertGuest(
      boolean guest,
      @org.jspecify.annotations.Nullable String home,
      Consumer<Map<String, Object>> bend) {
    Map<String, Object> claims = claims(Cloud.PUBLIC, false);
    bend.accept(claims);
    Caller.Facts facts = facts(Cloud.PUBLIC, claims);
    assertThat(facts.guest()).contains(guest);
    assertThat(facts.homeTenant()).isEqualTo(Optional.ofNullable(home));
  }

  /** A good token's claims of that version; the application is named as that version names it. */
  private static Map<String, Object> claims(Cloud cloud, boolean version1) {
    Map<String, Object> claims = TestIssuer.claims(TestIssuer.ALICE);
    claims.put("iss", cloud.issuer(version1, TestIssuer.TENANT));
    if (version1) {
      claims.put("ver", "1.0");
      claims.put("aud", APP_ID_URI);
      claims.remove("azp");
      claims.remove("azpacr");
      claims.put("appid", TestIssuer.AGENT);
      claims.put("appidacr", "1");
    }
    return claims;
  }

  private static Caller.Facts facts(Cloud cloud, Map<String, Object> claims) {
    return caller(cloud, issuer(cloud).sign(claims)).facts();
  }

  private static Caller caller(Cloud cloud, String token) {
    return verifier(cloud).verify(token).blockOptional(Duration.ofSeconds(30)).orElseThrow();
  }

  private static TokenVerifier verifier(Cloud cloud) {
    return verifier(
        issuer(cloud).authority(),
        cloud == Cloud.SANDBOX ? Optional.of(TestIssuer.ISSUER) : Optional.empty());
  }

  private static TokenVerifier verifier(URI authority, Optional<String> stated) {
    TrustedIssuer trusted =
        new TrustedIssuer(
            stated,
            Set.of(TestIssuer.TENANT),
            Set.of(TestIssuer.GATEWAY, APP_ID_URI + "/"),
            "access_as_user",
            Set.of(),
            Duration.ofSeconds(60));
    EntraMetadata source =
        new EntraMetadata(WebClient.create(), authority, trusted, Duration.ofSeconds(20));
    return new TokenVerifier(
        trusted, new SigningKeys(source, Clock.systemUTC()), Clock.systemUTC());
  }

  private static TestIssuer issuer(Cloud cloud) {
    return ISSUERS.computeIfAbsent(cloud, TestIssuer::new);
  }

  /** The agents' door before a handler that only counts. */
  private static WebTestClient door(Cloud cloud, AtomicInteger further) {
    WebHandler handler = exchange -> Mono.fromRunnable(further::incrementAndGet);
    return WebTestClient.bindToWebHandler(handler)
        .webFilter(
            new WebFilterChainProxy(
                BearerSecurity.resourceServer(
                        ServerHttpSecurity.http(),
                        verifier(cloud),
                        (exchange, refused) ->
                            Mono.fromRunnable(() -> {
                              exchange.getResponse().setStatusCode(HttpStatus.UNAUTHORIZED);
                              exchange
                                  .getResponse()
                                  .getHeaders()
                                  .set("X-Fact", ((TokenRefused) refused).fault().word());
                            }))
                    .authorizeExchange(spec -> spec.anyExchange().authenticated())
                    .build()))
        .build();
  }
}
