// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import dev.obolus.connector.AuthorizedRequest.Correlation;
import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorFailure.ChallengeRequired;
import dev.obolus.connector.ConnectorFailure.ExchangeUnavailable;
import dev.obolus.connector.ConnectorFailure.Misconfigured;
import dev.obolus.connector.ConnectorFailure.TokenRejected;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.DelegatedAccess.AccessRefused;
import dev.obolus.connector.DelegatedAccess.SourceChallenge;
import dev.obolus.connector.DelegatedAccessProvider;
import dev.obolus.connector.DelegatedToken;
import dev.obolus.connector.Purge;
import dev.obolus.connector.RefusedExchange;
import dev.obolus.connector.Subject;
import dev.obolus.connector.SubjectToken;
import dev.obolus.connector.obo.OboExchange.Exchanged;
import dev.obolus.connector.obo.OboExchange.Exchanged.Issued;
import dev.obolus.connector.obo.OboExchange.Exchanged.Refused;
import dev.obolus.connector.obo.TokenCache.Kept;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import reactor.core.publisher.Mono;

/**
 * Delegated access through a cache of exchanged tokens.
 *
 * <p>Guarantees: a token is given only for the assertion that it was exchanged for, in its tenant,
 * for its person, connector, scope and claims; it is not kept longer than itself, the assertion or
 * the configured time. At most one exchange is under way for a key. After {@link #purge} no token
 * exchanged before is used, exchanges under way included.
 */
final class CachedDelegatedAccess implements DelegatedAccessProvider {
  /** The share of a token's time after which it is exchanged anew, and how far that scatters. */
  private static final double DUE = 0.75;

  private static final double SCATTER = 0.15;

  /** Where an early exchange failed for a passing reason, for how long none is tried. */
  private static final Duration AGAIN = Duration.ofSeconds(30);

  private final OboExchange exchange;
  private final Settings settings;
  private final TokenCache tokens;
  private final Refusals refusals;
  private final Generations generations;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final CacheMeters meters;

  /**
   * @param provider who exchanges, and where
   * @param longest how long a token is kept at most
   * @param skew how long before its end a token is no longer used
   */
  record Settings(String provider, Duration longest, Duration skew) {}

  CachedDelegatedAccess(
      OboExchange exchange,
      Settings settings,
      TokenCache tokens,
      Refusals refusals,
      Generations generations,
      InstantSource clock,
      RandomGenerator random,
      CacheMeters meters) {
    this.exchange = exchange;
    this.settings = settings;
    this.tokens = tokens;
    this.refusals = refusals;
    this.generations = generations;
    this.clock = clock;
    this.random = random;
    this.meters = meters;
  }

  @Override
  public DelegatedAccess forSubject(
      Subject subject, ConnectorId connector, Correlation correlation) {
    return new Bound(subject, connector, correlation);
  }

  @Override
  public long generation(Subject subject, ConnectorId connector) {
    return generations.of(touching(subject, connector));
  }

  @Override
  public void purge(Purge whose) {
    generations.raise(whose);
    tokens.forget(whose);
    meters.purge();
  }

  private static Set<Purge> touching(Subject subject, ConnectorId connector) {
    return Set.of(
        new Purge.Person(subject.tenant(), subject.objectId()),
        new Purge.Tenant(subject.tenant()),
        new Purge.Agent(subject.client()),
        new Purge.Source(connector));
  }

  private static String sha256(SubjectToken token) {
    try {
      byte[] text = token.reveal().getBytes(StandardCharsets.UTF_8);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static Exchanged silent() {
    return new Refused(
        new ExchangeUnavailable("internal", Optional.empty()), false, Optional.empty());
  }

  private static <T> Mono<T> refused(
      ConnectorFailure failure, Optional<RefusedExchange> exchanged) {
    return Mono.error(() -> new AccessRefused(failure, exchanged));
  }

  private static <T> Mono<T> refused(ConnectorFailure failure) {
    return refused(failure, Optional.empty());
  }

  /** Access bound to one person's presented token. */
  private final class Bound implements DelegatedAccess {
    private final Subject subject;
    private final ConnectorId connector;
    private final Correlation correlation;
    private final Purge.Person person;
    private final Set<Purge> touching;
    private final String assertionHash;
    private volatile Optional<String> lastCorrelationId = Optional.empty();

    private Bound(Subject subject, ConnectorId connector, Correlation correlation) {
      this.subject = subject;
      this.connector = connector;
      this.correlation = correlation;
      this.person = new Purge.Person(subject.tenant(), subject.objectId());
      this.touching = touching(subject, connector);
      this.assertionHash = sha256(subject.token());
    }

    @Override
    public <T> Mono<T> call(String scope, Function<DelegatedToken, Mono<T>> call) {
      return token(scope, Optional.empty()).flatMap(token -> called(scope, token, call));
    }

    @Override
    public Optional<String> lastCorrelationId() {
      return lastCorrelationId;
    }

    private <T> Mono<T> called(
        String scope, DelegatedToken token, Function<DelegatedToken, Mono<T>> call) {
      return Mono.defer(() -> call.apply(token))
          .onErrorResume(SourceChallenge.class, challenge -> again(scope, token, call, challenge));
    }

    /** What the source found wanting is forgotten; one more exchange brings what it asked for. */
    private <T> Mono<T> again(
        String scope,
        DelegatedToken wanting,
        Function<DelegatedToken, Mono<T>> call,
        SourceChallenge challenge) {
      Optional<String> claims = Claims.reduced(challenge.claims());
      CacheKey plain = key(scope, Optional.empty());
      tokens.forget(plain, wanting);
      if (claims.isEmpty()) {
        return refused(new ChallengeRequired(""));
      }
      CacheKey claiming = key(scope, claims);
      tokens.forget(claiming, wanting);
      return token(scope, claims)
          .doOnNext(_ -> tokens.find(claiming).ifPresent(kept -> tokens.keep(plain, kept)))
          .flatMap(token ->
              Mono.defer(() -> call.apply(token))
                  .onErrorResume(
                      SourceChallenge.class, second -> surface(second, token, plain, claiming)));
    }

    private <T> Mono<T> surface(
        SourceChallenge second, DelegatedToken wanting, CacheKey plain, CacheKey claiming) {
      tokens.forget(plain, wanting);
      tokens.forget(claiming, wanting);
      return refused(new ChallengeRequired(Claims.reduced(second.claims()).orElse("")));
    }

    private Mono<DelegatedToken> token(String scope, Optional<String> claims) {
      return Mono.defer(() -> given(key(scope, claims)));
    }

    private Mono<DelegatedToken> given(CacheKey key) {
      if (!subject.token().expiresAt().isAfter(clock.instant())) {
        return refused(new TokenRejected("expired"));
      }
      Optional<Kept> kept = tokens.find(key);
      if (kept.isEmpty()) {
        return awaited(key);
      }
      meters.hit();
      renewIfDue(key, kept.get());
      return Mono.just(kept.get().token());
    }

    private Mono<DelegatedToken> awaited(CacheKey key) {
      return tokens
          .single(key, () -> missed(key))
          .doOnNext(exchanged -> lastCorrelationId = exchanged.correlationId())
          .flatMap(exchanged -> given(key, exchanged));
    }

    /** Between looking and becoming the one who asks, another's exchange may have ended. */
    private Mono<Exchanged> missed(CacheKey key) {
      return tokens
          .find(key)
          .<Exchanged>map(Kept::issued)
          .or(() -> refusals.find(key))
          .map(Mono::just)
          .orElseGet(() -> {
            meters.miss();
            return exchanged(key);
          });
    }

    private Mono<DelegatedToken> given(CacheKey key, Exchanged exchanged) {
      return switch (exchanged) {
        case Refused(ConnectorFailure failure, _, Optional<RefusedExchange> told) ->
            refused(failure, told);
        case Issued _ when !isCurrent(key) -> refused(new TokenRejected("revoked"));
        case Issued issued -> Mono.just(issued.token());
      };
    }

    /** Nobody waits for it; the one under way is the only one. */
    private void renewIfDue(CacheKey key, Kept kept) {
      if (kept.isDue(clock.instant())) {
        meters.renewal();
        var _ =
            tokens.single(
                key, () -> exchanged(key).doOnNext(exchanged -> renewed(key, kept, exchanged)));
      }
    }

    /** A refusal that does not pass ends the old token's use as well. */
    private void renewed(CacheKey key, Kept kept, Exchanged exchanged) {
      if (exchanged instanceof Refused refused) {
        kept.postpone(clock.instant().plus(AGAIN));
        if (!passes(refused.failure())) {
          tokens.forget(key, kept.token());
        }
      }
    }

    private static boolean passes(ConnectorFailure failure) {
      return failure instanceof ExchangeUnavailable || failure instanceof Misconfigured;
    }

    private Mono<Exchanged> exchanged(CacheKey key) {
      var request =
          new OboExchange.Request(
              subject.token(),
              subject.tenant(),
              key.scope(),
              key.claims(),
              correlation.clientRequestId());
      return meters
          .timed(Mono.defer(() -> exchange.exchange(request)))
          .defaultIfEmpty(silent())
          .onErrorResume(_ -> Mono.just(silent()))
          .doOnNext(exchanged -> settle(key, exchanged));
    }

    private void settle(CacheKey key, Exchanged exchanged) {
      switch (exchanged) {
        case Issued issued when isCurrent(key) -> tokens.keep(key, kept(issued));
        case Issued _ -> {}
        case Refused refused -> {
          refusals.keep(key, refused, subject.token().expiresAt());
          if (refused.revoked()) {
            purge(person);
          }
        }
      }
    }

    private Kept kept(Issued issued) {
      Instant now = clock.instant();
      Duration left = Duration.between(now, subject.token().expiresAt());
      Duration use =
          shorter(shorter(issued.expiresIn(), left).minus(settings.skew), settings.longest);
      double share = DUE + SCATTER * random.nextDouble();
      return new Kept(issued, now.plus(use), now.plusMillis((long) (use.toMillis() * share)));
    }

    private static Duration shorter(Duration a, Duration b) {
      return a.compareTo(b) <= 0 ? a : b;
    }

    private boolean isCurrent(CacheKey key) {
      return generations.of(touching) == key.generation();
    }

    private CacheKey key(String scope, Optional<String> claims) {
      return new CacheKey(
          settings.provider,
          person,
          assertionHash,
          subject.client(),
          connector,
          scope,
          claims,
          generations.of(touching));
    }
  }
}
