// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import com.nimbusds.jose.Header;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;

/**
 * Turns an Entra access token into a {@link Caller}.
 *
 * <p>Guarantees: a caller comes out only of a token that is signed with RS256 by a key which the
 * token's own, allow-listed tenant publishes now, names that tenant's issuer, is meant for us, is
 * within its time, and carries our scope unless no person stands behind it. No network is touched
 * for a tenant that is not served. A verified token is remembered by its SHA-256, at most {@link
 * #MEMORY} and never past its expiry, and only while its key is still published.
 */
public final class TokenVerifier {
  static final int MAX_LENGTH = 16 * 1024;
  static final Duration MEMORY = Duration.ofMinutes(10);

  /** The tenant of personal Microsoft accounts. */
  private static final String CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad";

  private static final int MAX_REMEMBERED = 50_000;

  private final TrustedIssuer trusted;
  private final SigningKeys keys;
  private final InstantSource clock;
  private final Cache<String, Verified> remembered;

  TokenVerifier(TrustedIssuer trusted, SigningKeys keys, InstantSource clock) {
    this.trusted = trusted;
    this.keys = keys;
    this.clock = clock;
    this.remembered =
        Caffeine.newBuilder()
            .ticker((Ticker) () -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
            .maximumSize(MAX_REMEMBERED)
            .expireAfter(Expiry.creating((String hash, Verified it) -> memoryOf(it)))
            .build();
  }

  /** Takes no token's caller for known any more: each is verified anew. */
  public void forgetAll() {
    remembered.invalidateAll();
  }

  /** The caller; {@link TokenRefused} or {@link IdentityUnavailable} otherwise. */
  public Mono<Caller> verify(String token) {
    if (token.length() > MAX_LENGTH) {
      return Mono.error(() -> new TokenRefused(TokenFault.TOKEN_OVERSIZE));
    }
    String hash = sha256(token);
    Verified known = remembered.getIfPresent(hash);
    if (known != null && stillGood(known)) {
      return Mono.just(known.caller());
    }
    return Mono.fromCallable(() -> read(token))
        .flatMap(this::withKey)
        .map(signed -> check(signed, token))
        .doOnNext(verified -> remembered.put(hash, verified))
        .map(Verified::caller);
  }

  private boolean stillGood(Verified known) {
    return keys.holds(known.source(), known.keyId())
        && clock.instant().isBefore(known.caller().facts().expiresAt().plus(trusted.skew()));
  }

  private Duration memoryOf(Verified verified) {
    Duration left = Duration.between(clock.instant(), verified.caller().facts().expiresAt());
    return left.isNegative() ? Duration.ZERO : left.compareTo(MEMORY) < 0 ? left : MEMORY;
  }

  private Read read(String token) {
    JWSObject signed = parse(token);
    if (!JWSAlgorithm.RS256.equals(signed.getHeader().getAlgorithm())) {
      throw new TokenRefused(TokenFault.TOKEN_ALGORITHM);
    }
    EntraClaims claims = new EntraClaims(payload(signed));
    TokenVersion version =
        claims.version().orElseThrow(() -> new TokenRefused(TokenFault.TOKEN_VERSION));
    checkTenant(claims.tenant());
    checkPurpose(claims);
    return new Read(signed, claims, new KeySource.Source(claims.tenant(), version));
  }

  private void checkTenant(String tenant) {
    if (tenant.equals(CONSUMERS)) {
      throw new TokenRefused(TokenFault.TOKEN_CONSUMER);
    }
    if (!TrustedIssuer.isGuid(tenant) || !trusted.tenants().contains(tenant)) {
      throw new TokenRefused(TokenFault.TOKEN_TENANT);
    }
  }

  /**
   * Told before the signature is checked: a token for Microsoft Graph verifies nowhere else, and
   * its bearer should hear what is wrong with it.
   */
  private void checkPurpose(EntraClaims claims) {
    if (Collections.disjoint(claims.audiences(), trusted.audiences())) {
      throw TokenRefused.instead(
          TokenFault.TOKEN_AUDIENCE, trusted.audiences(), claims.audiences());
    }
    if (claims.isIdToken()) {
      throw new TokenRefused(TokenFault.TOKEN_IS_ID_TOKEN);
    }
  }

  private static JWSObject parse(String token) {
    try {
      JWSObject signed = JWSObject.parse(token);
      if (signed.getHeader().getKeyID() == null) {
        throw new TokenRefused(TokenFault.TOKEN_KEY_UNKNOWN);
      }
      return signed;
    } catch (ParseException | IllegalArgumentException _) {
      throw new TokenRefused(
          isUnsigned(token) ? TokenFault.TOKEN_ALGORITHM : TokenFault.TOKEN_UNREADABLE);
    }
  }

  /** {@code alg: none}, or encrypted: a header, and not of a signature. */
  private static boolean isUnsigned(String token) {
    try {
      return !(Header.parse(new Base64URL(token.split("\\.", 2)[0])) instanceof JWSHeader);
    } catch (ParseException | IllegalArgumentException _) {
      return false;
    }
  }

  private static Map<String, Object> payload(JWSObject signed) {
    Map<String, Object> payload = signed.getPayload().toJSONObject();
    if (payload == null) {
      throw new TokenRefused(TokenFault.TOKEN_UNREADABLE);
    }
    return payload;
  }

  private Mono<Signed> withKey(Read read) {
    String keyId = read.jws().getHeader().getKeyID();
    return keys.find(read.source(), keyId)
        .map(published -> {
          SigningKey key = published.keys().get(keyId);
          if (key == null) {
            throw new TokenRefused(TokenFault.TOKEN_KEY_UNKNOWN);
          }
          return new Signed(read, published.issuer(), key);
        });
  }

  private Verified check(Signed signed, String token) {
    EntraClaims claims = signed.read().claims();
    if (!verifies(signed)) {
      throw new TokenRefused(TokenFault.TOKEN_SIGNATURE);
    }
    if (!signed.issuer().equals(claims.issuer())) {
      throw new TokenRefused(TokenFault.TOKEN_ISSUER);
    }
    if (!signed.key().signsFor(claims.issuer(), claims.tenant())) {
      throw new TokenRefused(TokenFault.TOKEN_KEY_ISSUER);
    }
    Instant expiresAt = checkTimes(claims);
    checkSubject(claims);
    return new Verified(
        claims.callerOf(token, expiresAt), signed.read().source(), signed.key().id());
  }

  private static boolean verifies(Signed signed) {
    try {
      return signed.read().jws().verify(new RSASSAVerifier(signed.key().key()));
    } catch (JOSEException unverifiable) {
      return false;
    }
  }

  private Instant checkTimes(EntraClaims claims) {
    Instant now = clock.instant();
    Optional<Instant> expiresAt = claims.expiresAt();
    if (expiresAt.isEmpty() || !now.isBefore(expiresAt.get().plus(trusted.skew()))) {
      throw new TokenRefused(TokenFault.TOKEN_EXPIRED);
    }
    if (claims.notBefore().filter(start -> now.plus(trusted.skew()).isBefore(start)).isPresent()) {
      throw new TokenRefused(TokenFault.TOKEN_NOT_YET_VALID);
    }
    return expiresAt.get();
  }

  private void checkSubject(EntraClaims claims) {
    if (!TrustedIssuer.isGuid(claims.objectId())) {
      throw new TokenRefused(TokenFault.TOKEN_SUBJECT);
    }
    boolean anyClient = trusted.clients().isEmpty();
    if (!TrustedIssuer.isGuid(claims.client())
        || (!anyClient && !trusted.clients().contains(claims.client()))) {
      throw new TokenRefused(TokenFault.TOKEN_CLIENT);
    }
    if (!claims.appOnly() && !claims.scopes().contains(trusted.scope())) {
      throw TokenRefused.instead(
          claims.scopes().isEmpty() ? TokenFault.TOKEN_SCOPE_MISSING : TokenFault.TOKEN_SCOPE,
          Set.of(trusted.scope()),
          claims.scopes());
    }
  }

  private static String sha256(String token) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private record Read(JWSObject jws, EntraClaims claims, KeySource.Source source) {}

  private record Signed(Read read, String issuer, SigningKey key) {}

  private record Verified(Caller caller, KeySource.Source source, String keyId) {}
}
