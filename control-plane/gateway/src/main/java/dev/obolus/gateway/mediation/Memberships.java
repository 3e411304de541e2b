// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.obolus.connector.Connector;
import dev.obolus.connector.ConnectorResult.Rows;
import dev.obolus.connector.DelegatedAccessProvider;
import dev.obolus.connector.Operation;
import dev.obolus.connector.Subject;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.dispatch.ConnectorCatalogue;
import dev.obolus.gateway.dispatch.ConnectorCatalogue.Entry;
import dev.obolus.gateway.identity.Caller;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;

/**
 * The groups of a person whose token does not list them, read from the connector that can tell
 * ({@link Connector#memberships}), where one is configured. The look-up is a request of the person
 * himself: mediated like any other, so that it is decided and recorded before anything is called.
 *
 * <p>Guarantees: whatever goes wrong, and wherever the list may not be whole, the caller is as his
 * token told: his groups are not all known. One look-up is under way for a person and client; what
 * it told is kept for five minutes, for nobody else, and is void once their tokens are purged.
 */
public final class Memberships {
  /** More would not fit into a policy input. */
  static final int MOST_GROUPS = 1_000;

  private static final Duration KEPT = Duration.ofMinutes(5);

  /** After a look-up that failed, for how long none is tried. */
  private static final Duration AGAIN = Duration.ofSeconds(30);

  /** Ids kept for all people together: some 50 MB. */
  private static final long MOST_KEPT = 500_000;

  private final Optional<Entry> source;
  private final DelegatedAccessProvider access;
  private final AsyncCache<Key, Known> known;

  /**
   * @param ticker in nanoseconds, and never back
   * @throws IllegalArgumentException where two connectors could tell: that stops the start
   */
  public Memberships(ConnectorCatalogue catalogue, DelegatedAccessProvider access, Ticker ticker) {
    List<Entry> able =
        catalogue.entries().stream()
            .filter(entry -> entry.connector().memberships().isPresent())
            .toList();
    if (able.size() > 1) {
      throw new IllegalArgumentException(
          "two connectors could tell a person's groups: "
              + able.get(0).connector().id()
              + " and "
              + able.get(1).connector().id());
    }
    this.source = able.stream().findFirst();
    this.access = access;
    this.known =
        Caffeine.newBuilder()
            .maximumWeight(MOST_KEPT)
            .weigher((Key _, Known told) -> 1 + told.groups().size())
            .expireAfter(Expiry.<Key, Known>writing((_, told) -> told.kept()))
            .ticker(ticker)
            .executor(Runnable::run)
            .buildAsync();
  }

  /**
   * The caller, with all of his groups where his token left them out and they can be told; else
   * what he can do so that they can be.
   *
   * @param asked on whose occasion; a look-up itself is not completed
   * @param mediator takes the look-up its way
   */
  Mono<Completed> complete(Caller caller, Ask asked, RequestMediator mediator) {
    return switch (caller) {
      case Caller.UserCaller person when !person.facts().groupsComplete() ->
          source
              .filter(entry -> !entry.connector().id().value().equals(asked.connector()))
              .map(entry -> looked(person, entry.connector(), asked, mediator))
              .orElseGet(() -> Mono.just(Completed.as(caller)));
      case Caller.UserCaller _, Caller.AppCaller _ -> Mono.just(Completed.as(caller));
    };
  }

  private Mono<Completed> looked(
      Caller.UserCaller person, Connector connector, Ask asked, RequestMediator mediator) {
    return Mono.defer(() -> {
      Key key = key(person.subject(), connector);
      return single(key, () -> mediator.mediate(person, lookUp(connector, asked)))
          .map(told ->
              key(person.subject(), connector).equals(key)
                  ? told.completing(person)
                  : Completed.as(person));
    });
  }

  /**
   * @param lookUp the refused one, where a further sign-in of the person or consent would let it be
   *     made
   */
  record Completed(Caller caller, Optional<Outcome.Refused> lookUp) {
    static Completed as(Caller caller) {
      return new Completed(caller, Optional.empty());
    }
  }

  /** Subscribed by its future and by nobody else, so that nobody's leaving cancels it. */
  private Mono<Known> single(Key key, Supplier<Mono<Outcome>> lookUp) {
    var started = new CompletableFuture<Known>();
    CompletableFuture<Known> earlier = known.asMap().putIfAbsent(key, started);
    if (earlier == null) {
      var _ =
          Mono.defer(lookUp)
              .map(Known::of)
              .onErrorResume(_ -> Mono.just(Known.NOTHING))
              .defaultIfEmpty(Known.NOTHING)
              .toFuture()
              .thenAccept(started::complete);
    }
    return Mono.fromFuture(earlier == null ? started : earlier, true);
  }

  private static Ask lookUp(Connector connector, Ask asked) {
    return new Ask(
        connector.id().value(),
        connector.memberships().map(Operation::name).orElseThrow(),
        Map.of(Resolution.LIMIT, (long) MOST_GROUPS),
        Optional.empty(),
        asked.conversation(),
        asked.via(),
        asked.traceId());
  }

  private Key key(Subject subject, Connector connector) {
    return new Key(
        subject.tenant(),
        subject.objectId(),
        subject.client(),
        access.generation(subject, connector.id()));
  }

  /**
   * @param generation of the person's tokens: after a purge nothing is found
   */
  private record Key(String tenant, String objectId, String client, long generation) {}

  /** What a look-up told. */
  private sealed interface Known {
    /** Nobody decided on it: the next may try at once. */
    Known NOTHING = new Unknown(Optional.empty(), Duration.ZERO);

    Set<String> groups();

    Duration kept();

    Completed completing(Caller.UserCaller person);

    static Known of(Outcome outcome) {
      return switch (outcome) {
        case Outcome.Answered answered -> of(answered.rows());
        case Outcome.Refused refused when refused.decision().isEmpty() -> NOTHING;
        case Outcome.Refused refused when mendable(refused) ->
            new Unknown(Optional.of(refused), Duration.ZERO);
        case Outcome.Refused refused -> new Unknown(Optional.empty(), wait(refused.retryAfter()));
      };
    }

    private static Known of(Rows rows) {
      Set<String> ids =
          rows.rows().stream()
              .map(row -> row.isEmpty() ? null : row.getFirst())
              .filter(String.class::isInstance)
              .map(String.class::cast)
              .collect(Collectors.toUnmodifiableSet());
      boolean whole =
          !rows.truncated() && ids.size() == rows.rows().size() && ids.size() <= MOST_GROUPS;
      return whole ? new All(ids) : new Unknown(Optional.empty(), KEPT);
    }

    /** By Entra's answer, not by a rule's: the next request may bring what it asks for. */
    private static boolean mendable(Outcome.Refused refused) {
      return refused.receipt().isPresent()
          && (refused.code() == ErrorCode.STEP_UP_REQUIRED
              || refused.code() == ErrorCode.CONSENT_REQUIRED);
    }

    private static Duration wait(Optional<Duration> asked) {
      Duration wait = asked.filter(it -> it.compareTo(AGAIN) > 0).orElse(AGAIN);
      return wait.compareTo(KEPT) > 0 ? KEPT : wait;
    }
  }

  private record All(Set<String> groups) implements Known {
    @Override
    public Duration kept() {
      return KEPT;
    }

    @Override
    public Completed completing(Caller.UserCaller person) {
      return Completed.as(new Caller.UserCaller(person.subject(), person.facts().with(groups)));
    }
  }

  private record Unknown(Optional<Outcome.Refused> lookUp, Duration kept) implements Known {
    @Override
    public Set<String> groups() {
      return Set.of();
    }

    @Override
    public Completed completing(Caller.UserCaller person) {
      return new Completed(person, lookUp);
    }
  }
}
