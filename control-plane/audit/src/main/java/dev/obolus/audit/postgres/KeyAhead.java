// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.chain.IssuedKey;
import dev.obolus.audit.issuing.Enrolment;
import dev.obolus.audit.issuing.KeyRequest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The key for the next month's chain, asked for before the month turns and kept in memory: so the
 * turn is passed while the log's signer is away. Each step is one short question to the database;
 * steps do not overlap.
 */
final class KeyAhead {
  private static final Logger LOG = LoggerFactory.getLogger(KeyAhead.class);

  /** A signer passes over what was asked longer ago. */
  static final Duration UNANSWERED = Duration.ofSeconds(30);

  static final Duration FIRST_PAUSE = Duration.ofSeconds(30);
  static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

  /** How far it came. */
  private sealed interface State {

    /** Nobody is asked before then. */
    record Pausing(long until) implements State {}

    record Asked(KeyRequest request, long since) implements State {}

    record Had(Bytes request, IssuedKey key) implements State {}
  }

  private final Enrolment enrolment;
  private final SecureRandom random;
  private final LongSupplier nanos;
  private volatile State state;
  private volatile Duration pause = FIRST_PAUSE;

  /**
   * @param nanos time that nobody sets
   */
  KeyAhead(Enrolment enrolment, SecureRandom random, LongSupplier nanos) {
    this.enrolment = enrolment;
    this.random = random;
    this.nanos = nanos;
    this.state = new State.Pausing(nanos.getAsLong());
  }

  boolean has(int epoch) {
    return state instanceof State.Had had && had.key().epoch() == epoch;
  }

  /**
   * The key, as long as its chain is not there: what was to open it may have failed, and the signer
   * may be away. Empty if there is none, or none that still opens anything.
   */
  Mono<IssuedKey> take(LogSession session, int epoch) {
    if (!(state instanceof State.Had(Bytes request, IssuedKey key)) || key.epoch() != epoch) {
      return Mono.empty(); // another month's is kept
    }
    return session.isOpenable(request).mapNotNull(still -> still ? key : dropped());
  }

  private @Nullable IssuedKey dropped() {
    state = new State.Pausing(nanos.getAsLong());
    pause = FIRST_PAUSE;
    return null;
  }

  /** Emits whether the key is there. */
  Mono<Boolean> step(LogSession session, int epoch) {
    return switch (state) {
      case State.Had(Bytes request, IssuedKey key) when key.epoch() == epoch ->
          session.isOpenable(request).map(still -> still || withdrawn());
      case State.Asked(KeyRequest request, long since) when request.epoch() == epoch ->
          session
              .answer(request.id())
              .publishOn(Schedulers.boundedElastic())
              .map(answer -> answered(request, answer))
              .switchIfEmpty(Mono.fromSupplier(() -> unanswered(since)));
      case State.Pausing(long until) when nanos.getAsLong() - until < 0 -> Mono.just(false);
      case State _ -> ask(session, epoch);
    };
  }

  private Mono<Boolean> ask(LogSession session, int epoch) {
    return Mono.fromCallable(() -> new KeyRequest(enrolment, epoch, random))
        .subscribeOn(Schedulers.boundedElastic())
        .flatMap(request ->
            session.ask(request).doOnNext(_ -> state = new State.Asked(request, nanos.getAsLong())))
        .thenReturn(false);
  }

  private boolean answered(KeyRequest request, LogSession.Answer answer) {
    Optional<IssuedKey> key = answer.sealed().flatMap(request::open);
    if (key.isEmpty()) {
      return later(answer.refusal().isEmpty() ? "not the log's signer's answer" : answer.refusal());
    }
    state = new State.Had(request.id(), key.get());
    pause = FIRST_PAUSE;
    LOG.atInfo().addKeyValue("epoch", request.epoch()).log("audit chain key of next month is here");
    return true;
  }

  private boolean unanswered(long since) {
    return nanos.getAsLong() - since < UNANSWERED.toNanos() ? false : later("no answer");
  }

  private boolean withdrawn() {
    return later("taken back by the log's signer");
  }

  private boolean later(String why) {
    LOG.atWarn()
        .addKeyValue("why", why)
        .addKeyValue("again", pause)
        .log("no audit chain key for next month yet: is the log's signer running?");
    state = new State.Pausing(nanos.getAsLong() + pause.toNanos());
    Duration twice = pause.multipliedBy(2);
    pause = twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
    return false;
  }
}
