// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.Pseudonyms;
import dev.obolus.audit.chain.ValueSeal;
import dev.obolus.audit.personal.KeyEncryption;
import dev.obolus.audit.personal.SealingKeys;
import dev.obolus.audit.personal.Subject;
import dev.obolus.audit.personal.Subjects;
import dev.obolus.audit.personal.ValueKey;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Schedulers;

/**
 * The keys of persons' values, as the writer needs them: a bounded cache over the table, each key
 * fetched or made once, however many ask. A key is durable before anybody is given it.
 *
 * <p>An erased key is used for at most ten more minutes by gateways that had it in their caches;
 * what they seal with it is as unreadable as the rest.
 */
final class SubjectKeys implements Pseudonyms {
  private static final int MOST = 50_000;
  private static final Duration LIFE = Duration.ofMinutes(10);
  static final int PSEUDONYM = 0;

  private final ValueKeyTable table;
  private final KeyEncryption encryption;
  private final Handles handles;
  private final SecureRandom random;
  private final Clock clock;
  private final AsyncCache<Which, ValueKey> cache =
      Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(LIFE).buildAsync();

  SubjectKeys(
      ValueKeyTable table,
      KeyEncryption encryption,
      Handles handles,
      SecureRandom random,
      Clock clock) {
    this.table = table;
    this.encryption = encryption;
    this.handles = handles;
    this.random = random;
    this.clock = clock;
  }

  /** Whose key, and of which month. */
  private record Which(Subject subject, int period) {}

  /** What hides the event's values: at once where all keys are known. */
  CompletableFuture<ValueSeal> seal(AuditEvent event) {
    Subjects subjects = Subjects.of(event);
    if (subjects.all().isEmpty()) {
      return CompletableFuture.completedFuture(ValueSeal.NONE);
    }
    int period = period();
    List<CompletableFuture<ValueKey>> keys = new ArrayList<>();
    subjects.all().forEach(subject -> keys.add(key(new Which(subject, period))));
    Optional<CompletableFuture<ValueKey>> name =
        subjects.person().map(person -> key(new Which(person, PSEUDONYM)));
    List<CompletableFuture<ValueKey>> all = new ArrayList<>(keys);
    name.ifPresent(all::add);
    return CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
        .thenApply(_ ->
            new SealingKeys(
                name.map(CompletableFuture::join),
                keys.stream().map(CompletableFuture::join).toList()));
  }

  @Override
  public Mono<Optional<String>> of(AuditEvent.Person person) {
    return find(Subject.person(person), PSEUDONYM)
        .publishOn(Schedulers.boundedElastic())
        .handle(this::unwrap)
        .map(key -> Optional.of(key.pseudonym()))
        .defaultIfEmpty(Optional.empty());
  }

  /** Keeps nothing in memory: keys were destroyed. */
  void forgetAll() {
    cache.synchronous().invalidateAll();
  }

  private CompletableFuture<ValueKey> key(Which which) {
    CompletableFuture<ValueKey> known = ask(which);
    if (!known.isCompletedExceptionally()) {
      return known;
    }
    // a failure is told to those who wait before the cache has let go of it
    boolean _ = cache.asMap().remove(which, known);
    return ask(which);
  }

  private CompletableFuture<ValueKey> ask(Which which) {
    return cache.get(which, (wanted, _) -> require(wanted).toFuture());
  }

  private Mono<ValueKey> require(Which which) {
    return find(which.subject(), which.period())
        .switchIfEmpty(Mono.defer(() -> create(handles.newest(which.subject()), which.period())))
        .publishOn(Schedulers.boundedElastic())
        .handle(this::unwrap);
  }

  private Mono<ValueKeyTable.Stored> find(Subject subject, int period) {
    return Flux.defer(() -> Flux.fromIterable(handles.all(subject)))
        .concatMap(handle -> table.find(handle, period))
        .next();
  }

  private Mono<ValueKeyTable.Stored> create(Bytes handle, int period) {
    return table
        .add(() -> {
          ValueKey fresh = ValueKey.create(random);
          return new ValueKeyTable.Stored(
              fresh.name(), handle, period, fresh.wrap(encryption, handle, period));
        })
        .then(Mono.defer(() -> table.find(handle, period)));
  }

  private void unwrap(ValueKeyTable.Stored stored, SynchronousSink<ValueKey> sink) {
    try {
      sink.next(
          ValueKey.unwrap(
              encryption, stored.wrapped(), stored.name(), stored.handle(), stored.period()));
    } catch (IOException e) {
      sink.error(e);
    }
  }

  private int period() {
    YearMonth month = YearMonth.now(clock.withZone(ZoneOffset.UTC));
    return month.getYear() * 100 + month.getMonthValue();
  }
}
