// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.obolus.connector.AuthorizedRequest.Correlation;
import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorFailure.ChallengeRequired;
import dev.obolus.connector.ConnectorFailure.ExchangeUnavailable;
import dev.obolus.connector.ConnectorFailure.TokenRejected;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.DelegatedAccess.AccessRefused;
import dev.obolus.connector.DelegatedAccess.SourceChallenge;
import dev.obolus.connector.DelegatedAccessProvider;
import dev.obolus.connector.DelegatedToken;
import dev.obolus.connector.Purge;
import dev.obolus.connector.Subject;
import dev.obolus.connector.SubjectToken;
import dev.obolus.connector.obo.OboExchange.Exchanged;
import dev.obolus.connector.obo.OboExchange.Exchanged.Issued;
import dev.obolus.connector.obo.OboExchange.Exchanged.Refused;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Delegated access through a cache of exchanged tokens.
 *
 * <p>Guarantees: a token is given only for the assertion that it was exchanged for, in its tenant,
 * for its person, resource, scopes and claims; it is not kept longer than itself, the assertion or
 * the configured time. At most one exchange is under way for a key; who stops waiting for it does
 * not stop it. After {@link #purge} no token exchanged before is used, exchanges under way
 * included.
 */
final class CachedDelegatedAccess implements DelegatedAccessProvider {
  /** Longer than any token or exchange lives, so that no older generation comes back. */
  private static final Duration GENERATIONS = Duration.ofDays(2);

  private final OboExchange exchange;
  private final Settings settings;
  private final InstantSource clock;
  private final AsyncCache<Key, Kept> tokens;
  private final Cache<Purge, Long> generations;
  private final AtomicLong purges = new AtomicLong();

  /**
   * @param authority where the exchange is made
   * @param client the gateway's own id
   * @param most tokens kept at a time
   * @param longest how long a token is kept at most
   * @param skew how long before its end a token is no longer used
   */
  record Settings(String authority, String client, long most, Duration longest, Duration skew) {}

  CachedDelegatedAccess(
      OboExchange exchange, Settings settings, InstantSource clock, Ticker ticker) {
    this.exchange = exchange;
    this.settings = settings;
    this.clock = clock;
    this.tokens =
        Caffeine.newBuilder()
            .maximumSize(settings.most)
            .expireAfter(Expiry.<Key, Kept>creating((_, kept) -> kept.use))
            .ticker(ticker)
            .executor(Runnable::run)
            .buildAsync();
    this.generations =
        Caffeine.newBuilder()
            .expireAfterWrite(GENERATIONS)
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  @Override
  public DelegatedAccess forSubject(
      Subject subject, ConnectorId connector, Correlation correlation) {
    return new Bound(subject, connector, correlation, sha256(subject.token()));
  }

  @Override
  public void purge(Purge whose) {
    generations.put(whose, purges.incrementAndGet());
    tokens.asMap().keySet().removeIf(key -> key.touches(whose));
  }

  /** The newest purge that touches it: it grows with each. */
  private long generation(Set<Purge> touching) {
    return generations.getAllPresent(touching).values().stream()
        .mapToLong(Long::longValue)
        .max()
        .orElse(0);
  }

  /** The exchange's outcome: the one under way or kept, or else a new one. */
  private Mono<Kept> kept(Key key, Subject subject, Correlation correlation) {
    var started = new CompletableFuture<Kept>();
    CompletableFuture<Kept> earlier = tokens.asMap().putIfAbsent(key, started);
    if (earlier != null) {
      return Mono.fromFuture(earlier, true);
    }
    return start(key, subject, correlation, started);
  }

  private Mono<Kept> start(
      Key key, Subject subject, Correlation correlation, CompletableFuture<Kept> started) {
    var request =
        new OboExchange.Request(
            subject.token(),
            subject.tenant(),
            key.scope,
            key.claims,
            correlation.clientRequestId());
    // Subscribed by the future and by nobody else, so that nobody's leaving cancels it.
    var _ =
        Mono.defer(() -> exchange.exchange(request))
            .defaultIfEmpty(silent())
            .onErrorResume(_ -> Mono.just(silent()))
            .map(exchanged -> keep(exchanged, key, subject.token()))
            .toFuture()
            .whenComplete((kept, fault) -> finish(started, kept, fault));
    return Mono.fromFuture(started, true);
  }

  private static void finish(
      CompletableFuture<Kept> started, @Nullable Kept kept, @Nullable Throwable fault) {
    if (kept != null) {
      started.complete(kept);
    } else {
      started.completeExceptionally(
          fault == null ? new IllegalStateException("an exchange answered nothing") : fault);
    }
  }

  private Kept keep(Exchanged exchanged, Key key, SubjectToken assertion) {
    if (exchanged instanceof Refused refused && refused.revoked()) {
      purge(key.person);
    }
    return new Kept(exchanged, use(exchanged, assertion));
  }

  private Duration use(Exchanged exchanged, SubjectToken assertion) {
    return switch (exchanged) {
      case Refused _ -> Duration.ZERO;
      case Issued issued -> {
        Duration left = Duration.between(clock.instant(), assertion.expiresAt());
        yield positive(
            shorter(shorter(issued.expiresIn(), left).minus(settings.skew), settings.longest));
      }
    };
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  private static Duration positive(Duration duration) {
    return duration.isNegative() ? Duration.ZERO : duration;
  }

  private static Exchanged silent() {
    return new Refused(
        new ExchangeUnavailable("internal", Optional.empty()), false, Optional.empty());
  }

  private static String sha256(SubjectToken token) {
    try {
      byte[] text = token.reveal().getBytes(StandardCharsets.UTF_8);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Everything that a token depends on. */
  private record Key(
      String authority,
      Purge.Person person,
      String assertionHash,
      String agent,
      ConnectorId connector,
      String client,
      String scope,
      Optional<String> claims,
      long generation) {

    private boolean touches(Purge whose) {
      return switch (whose) {
        case Purge.Person other -> other.equals(person);
        case Purge.Tenant(String tenant) -> tenant.equals(person.tenant());
        case Purge.Agent(String other) -> other.equals(agent);
        case Purge.Source(ConnectorId other) -> other.equals(connector);
      };
    }
  }

  /**
   * @param use how long it may be given again
   */
  private record Kept(Exchanged exchanged, Duration use) {}

  /** Access bound to one person's presented token. */
  private final class Bound implements DelegatedAccess {
    private final Subject subject;
    private final Correlation correlation;
    private final Purge.Person person;
    private final ConnectorId connector;
    private final Set<Purge> touching;
    private final String assertionHash;
    private volatile Optional<String> lastCorrelationId = Optional.empty();

    private Bound(
        Subject subject, ConnectorId connector, Correlation correlation, String assertionHash) {
      this.subject = subject;
      this.connector = connector;
      this.correlation = correlation;
      this.person = new Purge.Person(subject.tenant(), subject.objectId());
      this.touching =
          Set.of(
              person,
              new Purge.Tenant(subject.tenant()),
              new Purge.Agent(subject.client()),
              new Purge.Source(connector));
      this.assertionHash = assertionHash;
    }

    @Override
    public <T> Mono<T> call(String scope, Function<DelegatedToken, Mono<T>> call) {
      return token(scope, Optional.empty())
          .flatMap(call)
          .onErrorResume(SourceChallenge.class, challenge -> again(scope, call, challenge));
    }

    @Override
    public Optional<String> lastCorrelationId() {
      return lastCorrelationId;
    }

    private <T> Mono<T> again(
        String scope, Function<DelegatedToken, Mono<T>> call, SourceChallenge challenge) {
      Optional<String> claims = Claims.reduced(challenge.claims());
      if (claims.isEmpty()) {
        return refused(new ChallengeRequired(""));
      }
      Key challenged = key(scope, Optional.empty());
      evict(challenged);
      return token(scope, claims)
          .doOnNext(_ -> promote(key(scope, claims), challenged))
          .flatMap(call)
          .onErrorResume(SourceChallenge.class, second -> surface(second, challenged));
    }

    private <T> Mono<T> surface(SourceChallenge second, Key challenged) {
      evict(challenged);
      return refused(new ChallengeRequired(Claims.reduced(second.claims()).orElse("")));
    }

    /** What satisfied the source once is what the next call begins with. */
    private void promote(Key satisfying, Key challenged) {
      CompletableFuture<Kept> kept = tokens.getIfPresent(satisfying);
      if (kept != null) {
        tokens.put(challenged, kept);
      }
    }

    private void evict(Key key) {
      var _ = tokens.asMap().remove(key);
    }

    private Mono<DelegatedToken> token(String scope, Optional<String> claims) {
      return Mono.defer(() -> given(key(scope, claims)));
    }

    private Mono<DelegatedToken> given(Key key) {
      Instant now = clock.instant();
      if (!subject.token().expiresAt().isAfter(now)) {
        return refused(new TokenRejected("expired"));
      }
      CompletableFuture<Kept> present = tokens.getIfPresent(key);
      if (present != null && present.isDone()) {
        return Mono.fromFuture(present, true).flatMap(kept -> token(key, kept));
      }
      return kept(key, subject, correlation)
          .doOnNext(kept -> lastCorrelationId = kept.exchanged.correlationId())
          .flatMap(kept -> token(key, kept));
    }

    private Mono<DelegatedToken> token(Key key, Kept kept) {
      return switch (kept.exchanged) {
        case Refused(ConnectorFailure failure, _, _) -> refused(failure);
        case Issued _ when generation(touching) != key.generation ->
            refused(new TokenRejected("revoked"));
        case Issued issued -> Mono.just(issued.token());
      };
    }

    private Key key(String scope, Optional<String> claims) {
      return new Key(
          settings.authority,
          person,
          assertionHash,
          subject.client(),
          connector,
          settings.client,
          scope,
          claims,
          generation(touching));
    }

    private static <T> Mono<T> refused(ConnectorFailure failure) {
      return Mono.error(() -> new AccessRefused(failure));
    }
  }
}
