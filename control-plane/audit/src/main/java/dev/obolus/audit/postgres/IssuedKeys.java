// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.chain.IssuedKey;
import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.issuing.Enrolment;
import dev.obolus.audit.issuing.KeyRequest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Keys that the log's signer issues, one for each chain: this process holds no root key. */
final class IssuedKeys implements ChainKeys {
  private static final Duration EVERY = Duration.ofMillis(100);

  /** Longer than a signer needs, and shorter than a connection may take to be prepared. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Enrolment enrolment;
  private final Handles handles;
  private final SecureRandom random;
  private final KeyAhead ahead;

  IssuedKeys(Enrolment enrolment, Handles handles, SecureRandom random) {
    this.ahead = new KeyAhead(enrolment, random, System::nanoTime);
    this.enrolment = enrolment;
    this.handles = handles;
    this.random = random;
  }

  @Override
  public Mono<IssuedKey> next(LogSession session, int epoch, List<Keyring.Earlier> newest) {
    return ahead
        .take(session, epoch)
        .switchIfEmpty(Mono.defer(() -> ask(session, epoch)))
        .doOnNext(issued -> handles.learn(issued.handles()));
  }

  @Override
  public Mono<Boolean> ahead(LogSession session, int epoch) {
    return ahead.step(session, epoch);
  }

  @Override
  public boolean isReadyFor(int epoch) {
    return ahead.has(epoch);
  }

  private Mono<IssuedKey> ask(LogSession session, int epoch) {
    return Mono.fromCallable(() -> new KeyRequest(enrolment, epoch, random))
        .subscribeOn(Schedulers.boundedElastic())
        .flatMap(request -> session.ask(request).then(answer(session, request)))
        .timeout(
            PATIENCE,
            Mono.error(() ->
                refused(
                    "no answer within "
                        + PATIENCE.toSeconds()
                        + " s: is the log's signer running?")));
  }

  private Mono<IssuedKey> answer(LogSession session, KeyRequest request) {
    return Mono.defer(() -> session.answer(request.id()))
        .repeatWhenEmpty(times -> times.delayElements(EVERY))
        .publishOn(Schedulers.boundedElastic())
        .flatMap(answer ->
            Mono.justOrEmpty(answer.sealed().flatMap(request::open))
                .switchIfEmpty(Mono.error(() -> refused(why(answer.refusal())))));
  }

  private String why(String refusal) {
    return switch (refusal) {
      case "unknown" ->
          "the log's signer does not know enrolment "
              + enrolment.id()
              + ": put its key into the signer's folder of enrolments";
      case "epoch" -> "this clock and the signer's are in different months";
      case "early" -> "by the signer's clock that month is days away";
      default -> "the answer is not the log's signer's";
    };
  }

  private static Refused refused(String why) {
    return new Refused(why);
  }

  @Override
  public Optional<Keyring> held() {
    return Optional.empty();
  }

  /** No key was issued; the message says why and what to do. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String why) {
      super("no chain key: " + why, null, false, false);
    }
  }
}
