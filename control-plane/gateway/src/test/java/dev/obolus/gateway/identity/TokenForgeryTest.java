// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.RSAKey;
import dev.obolus.gateway.testing.TestIssuer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.web.reactive.function.client.WebClient;

/** Every way that a token can be wrong, each told by its own fact. */
class TokenForgeryTest {
  private static final RSAKey ROGUE = TestIssuer.newKey("rogue");

  private final TestIssuer issuer = new TestIssuer();
  private final MovableClock clock = new MovableClock();
  private final TokenVerifier verifier = verifier();

  @AfterEach
  void stop() {
    issuer.close();
  }

  static Stream<Arguments> forgeries() {
    long now = Instant.now().getEpochSecond();
    return Stream.of(
        bent(TokenFault.TOKEN_VERSION, c -> c.put("ver", "3.0")),
        bent(TokenFault.TOKEN_VERSION, c -> c.remove("ver")),
        bent(TokenFault.TOKEN_ISSUER, c -> c.put("ver", "1.0")),
        bent(TokenFault.TOKEN_TENANT, c -> c.put("tid", TestIssuer.OTHER_TENANT)),
        bent(TokenFault.TOKEN_TENANT, c -> c.put("tid", "../" + TestIssuer.TENANT)),
        bent(TokenFault.TOKEN_TENANT, c -> c.remove("tid")),
        bent(TokenFault.TOKEN_ISSUER, c -> c.put("iss", "https://evil.example/v2.0")),
        bent(
            TokenFault.TOKEN_ISSUER,
            c -> c.put("iss", TestIssuer.ISSUER.replace("{tenantid}", TestIssuer.OTHER_TENANT))),
        bent(TokenFault.TOKEN_ISSUER, c -> c.put("iss", TestIssuer.ISSUER)),
        bent(TokenFault.TOKEN_AUDIENCE, c -> c.put("aud", TestIssuer.OPERATOR)),
        bent(TokenFault.TOKEN_AUDIENCE, c -> c.remove("aud")),
        bent(TokenFault.TOKEN_EXPIRED, c -> c.put("exp", now - 120)),
        bent(TokenFault.TOKEN_EXPIRED, c -> c.remove("exp")),
        bent(TokenFault.TOKEN_EXPIRED, c -> c.put("exp", "tomorrow")),
        bent(TokenFault.TOKEN_NOT_YET_VALID, c -> c.put("nbf", now + 300)),
        bent(TokenFault.TOKEN_SUBJECT, c -> c.remove("oid")),
        bent(TokenFault.TOKEN_SUBJECT, c -> c.put("oid", "alice")),
        bent(TokenFault.TOKEN_CLIENT, c -> c.remove("azp")),
        bent(TokenFault.TOKEN_SCOPE, c -> c.put("scp", "access_as_user2 other")),
        bent(TokenFault.TOKEN_SCOPE, c -> c.put("scp", "ACCESS_AS_USER")));
  }

  @ParameterizedTest
  @MethodSource("forgeries")
  void aBentClaimIsRefusedByItsFact(TokenFault fault, Consumer<Map<String, Object>> bend) {
    Map<String, Object> claims = TestIssuer.claims(TestIssuer.ALICE);
    bend.accept(claims);
    assertRefused(issuer.sign(claims), fault);
  }

  @Test
  void aGoodTokenIsAlices() {
    Caller caller = caller(issuer.token(TestIssuer.ALICE));
    assertThat(caller)
        .isInstanceOfSatisfying(
            Caller.UserCaller.class,
            user -> {
              assertThat(user.subject().objectId()).isEqualTo(TestIssuer.ALICE);
              assertThat(user.facts().publicClient()).isFalse();
              assertThat(user.facts().strength()).isEqualTo(Caller.Strength.CLIENT_APP);
            });
  }

  @Test
  void aTokenSignedByAKeyThatNobodyPublishesIsRefused() {
    assertRefused(
        TestIssuer.sign(TestIssuer.claims(TestIssuer.ALICE), ROGUE, JWSAlgorithm.RS256),
        TokenFault.TOKEN_KEY_UNKNOWN);
  }

  @Test
  void aTokenThatBorrowsAKnownKeyIdIsRefused() {
    RSAKey borrowed = TestIssuer.newKey(issuer.key().getKeyID());
    assertRefused(
        TestIssuer.sign(TestIssuer.claims(TestIssuer.ALICE), borrowed, JWSAlgorithm.RS256),
        TokenFault.TOKEN_SIGNATURE);
  }

  @Test
  void aKeyOfAnotherIssuerSignsNothingHere() {
    RSAKey consumers = TestIssuer.newKey("consumers");
    issuer.publish(
        consumers, "https://entra.obolus.test/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0");
    assertRefused(
        TestIssuer.sign(TestIssuer.claims(TestIssuer.ALICE), consumers, JWSAlgorithm.RS256),
        TokenFault.TOKEN_KEY_ISSUER);
  }

  @Test
  void aChangedPayloadIsRefused() {
    String[] parts = issuer.token(TestIssuer.ALICE).split("\\.", -1);
    String payload =
        new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8)
            .replace(TestIssuer.ALICE, TestIssuer.BOB);
    assertRefused(parts[0] + "." + base64(payload) + "." + parts[2], TokenFault.TOKEN_SIGNATURE);
  }

  @Test
  void otherAlgorithmsAreRefused() {
    Map<String, Object> claims = TestIssuer.claims(TestIssuer.ALICE);
    assertRefused(
        TestIssuer.sign(claims, issuer.key(), JWSAlgorithm.RS512), TokenFault.TOKEN_ALGORITHM);
    assertRefused(
        TestIssuer.sign(claims, issuer.key(), JWSAlgorithm.PS256), TokenFault.TOKEN_ALGORITHM);
    String[] parts = issuer.sign(claims).split("\\.", -1);
    assertRefused(
        base64("{\"alg\":\"none\",\"kid\":\"key-1\"}") + "." + parts[1] + ".",
        TokenFault.TOKEN_ALGORITHM);
    assertRefused(
        base64("{\"alg\":\"HS256\",\"kid\":\"key-1\"}") + "." + parts[1] + "." + parts[2],
        TokenFault.TOKEN_ALGORITHM);
  }

  @Test
  void whatIsNoTokenIsRefusedUnread() {
    assertRefused("nonsense", TokenFault.TOKEN_UNREADABLE);
    assertRefused("a.b.c", TokenFault.TOKEN_UNREADABLE);
    assertRefused("x".repeat(TokenVerifier.MAX_LENGTH + 1), TokenFault.TOKEN_OVERSIZE);
  }

  @Test
  void anAgentInAPersonsPlaceHasNoSubject() {
    for (String marker : List.of("11", "13", "4 13")) {
      Map<String, Object> claims = TestIssuer.claims(TestIssuer.ALICE);
      claims.put("xms_sub_fct", marker);
      assertThat(caller(issuer.sign(claims))).isInstanceOf(Caller.AppCaller.class);
    }
  }

  @Test
  void anUnservedTenantsKeysAreNeverAskedFor() {
    Map<String, Object> claims = TestIssuer.claims(TestIssuer.ALICE);
    claims.put("tid", TestIssuer.OTHER_TENANT);
    assertRefused(issuer.sign(claims), TokenFault.TOKEN_TENANT);
    assertThat(issuer.keyFetches()).isZero();
  }

  @Test
  void aFloodOfUnknownKeysAsksTheIssuerOnceMore() {
    assertThat(caller(issuer.token(TestIssuer.ALICE))).isNotNull();
    for (int i = 0; i < 20; i++) {
      assertRefused(
          TestIssuer.sign(TestIssuer.claims(TestIssuer.ALICE), ROGUE, JWSAlgorithm.RS256),
          TokenFault.TOKEN_KEY_UNKNOWN);
    }
    assertThat(issuer.keyFetches()).isEqualTo(2);
  }

  @Test
  void aNewKeyIsFoundWithoutARestart() {
    assertThat(caller(issuer.token(TestIssuer.ALICE))).isNotNull();
    RSAKey next = TestIssuer.newKey("key-2");
    issuer.publish(next, TestIssuer.ISSUER);
    assertThat(
            caller(TestIssuer.sign(TestIssuer.claims(TestIssuer.ALICE), next, JWSAlgorithm.RS256)))
        .isInstanceOf(Caller.UserCaller.class);
  }

  @Test
  void aRememberedTokenIsForgottenWithItsKeyAndWithItsTime() {
    String token = issuer.token(TestIssuer.ALICE);
    Caller first = caller(token);
    assertThat(caller(token)).isSameAs(first);
    clock.advance(Duration.ofMinutes(11));
    assertThat(caller(token)).isNotSameAs(first);
    clock.advance(Duration.ofMinutes(51));
    assertRefused(token, TokenFault.TOKEN_EXPIRED);
  }

  @Test
  void aWithdrawnKeyEndsWhatItSigned() {
    String token = issuer.token(TestIssuer.ALICE);
    assertThat(caller(token)).isNotNull();
    issuer.publish(TestIssuer.newKey("key-2"), TestIssuer.ISSUER);
    issuer.withdraw("key-1");
    assertRefused(
        TestIssuer.sign(TestIssuer.claims(TestIssuer.ALICE), ROGUE, JWSAlgorithm.RS256),
        TokenFault.TOKEN_KEY_UNKNOWN);
    assertRefused(token, TokenFault.TOKEN_KEY_UNKNOWN);
  }

  @Test
  void whatWasKnownServesWhileTheIssuerIsAway() {
    String token = issuer.token(TestIssuer.ALICE);
    assertThat(caller(token)).isNotNull();
    issuer.close();
    clock.advance(Duration.ofMinutes(30));
    assertThat(caller(token)).isInstanceOf(Caller.UserCaller.class);
  }

  @Test
  void anIssuerThatIsAwayFromTheStartIsNotTheTokensFault() {
    String token = issuer.token(TestIssuer.ALICE);
    issuer.close();
    assertThatThrownBy(() -> caller(token)).isInstanceOf(IdentityUnavailable.class);
  }

  private TokenVerifier verifier() {
    TrustedIssuer trusted =
        new TrustedIssuer(
            Optional.of(TestIssuer.ISSUER),
            Set.of(TestIssuer.TENANT),
            Set.of(TestIssuer.GATEWAY),
            "access_as_user",
            Set.of(),
            Duration.ofSeconds(60));
    EntraMetadata source =
        new EntraMetadata(WebClient.create(), issuer.authority(), trusted, Duration.ofSeconds(20));
    return new TokenVerifier(trusted, new SigningKeys(source, clock), clock);
  }

  private Caller caller(String token) {
    return verifier.verify(token).blockOptional(Duration.ofSeconds(30)).orElseThrow();
  }

  private void assertRefused(String token, TokenFault fault) {
    assertThatThrownBy(() -> caller(token))
        .isInstanceOfSatisfying(
            TokenRefused.class, refused -> assertThat(refused.fault()).isEqualTo(fault))
        .hasMessageNotContaining(token);
  }

  private static Arguments bent(TokenFault fault, Consumer<Map<String, Object>> bend) {
    return Arguments.of(fault, bend);
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static final class MovableClock implements InstantSource {
    private Instant now = Instant.now();

    void advance(Duration time) {
      now = now.plus(time);
    }

    @Override
    public Instant instant() {
      return now;
    }
  }
}
