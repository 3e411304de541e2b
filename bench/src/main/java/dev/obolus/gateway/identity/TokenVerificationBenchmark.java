// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.publisher.Mono;

/** A token seen for the first time, with its keys at hand, and one seen before. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class TokenVerificationBenchmark {
  private static final String TENANT = "0b010500-0000-4000-8000-000000000001";
  private static final String AUDIENCE = "0b010500-0000-4000-8000-0000000000a1";
  private static final TrustedIssuer TRUSTED =
      new TrustedIssuer(
          Optional.of("https://entra.obolus.test/{tenantid}/v2.0"),
          Set.of(TENANT),
          Set.of(AUDIENCE),
          "access_as_user",
          Set.of(),
          Duration.ofMinutes(2));

  private SigningKeys keys;
  private TokenVerifier knowing;
  private String token;

  @Setup
  public void issue() throws JOSEException {
    RSAKey key = new RSAKeyGenerator(2048).keyID("bench").generate();
    SigningKey published = new SigningKey("bench", key.toRSAPublicKey(), Optional.empty());
    KeySource.Published all =
        new KeySource.Published(
            "https://entra.obolus.test/" + TENANT + "/v2.0", Map.of("bench", published));
    keys = new SigningKeys(_ -> Mono.just(all), Clock.systemUTC());
    token = signed(key);
    knowing = new TokenVerifier(TRUSTED, keys, Clock.systemUTC());
    Objects.requireNonNull(knowing.verify(token).block());
  }

  /** Signature and claims; a verifier without memory, which is made anew each time. */
  @Benchmark
  public @Nullable Caller firstSeen() {
    return new TokenVerifier(TRUSTED, keys, Clock.systemUTC()).verify(token).block();
  }

  @Benchmark
  public @Nullable Caller seenBefore() {
    return knowing.verify(token).block();
  }

  private static String signed(RSAKey key) throws JOSEException {
    Instant now = Instant.now();
    var jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("bench").build(),
            new JWTClaimsSet.Builder()
                .issuer("https://entra.obolus.test/" + TENANT + "/v2.0")
                .audience(AUDIENCE)
                .subject("pairwise")
                .issueTime(Date.from(now))
                .notBeforeTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(3_600)))
                .claim("ver", "2.0")
                .claim("tid", TENANT)
                .claim("oid", "0b010500-0000-4000-8000-0000000000c1")
                .claim("azp", "0b010500-0000-4000-8000-0000000000b1")
                .claim("azpacr", "1")
                .claim("scp", "access_as_user")
                .claim("idtyp", "user")
                .claim("groups", List.of("0b010500-0000-4000-8000-0000000000d1"))
                .claim("uti", "uti")
                .build());
    jwt.sign(new RSASSASigner(key));
    return jwt.serialize();
  }
}
