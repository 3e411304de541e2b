// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import dev.obolus.connector.obo.TokenEndpoint.Answer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * The gateway's one or two credentials. The one in use is presented; where it is refused it is read
 * again, and where that does not help the other takes its place and whoever runs this gateway is
 * alerted. So a credential is rotated while requests are served.
 */
final class Credentials {
  private static final Logger LOG = LoggerFactory.getLogger(Credentials.class);

  private final List<ClientCredential> all;
  private final Alerts alerts;
  private final AtomicInteger inUse = new AtomicInteger();
  private volatile boolean refused;

  /**
   * @param all one, or two of which the first is presented first
   */
  Credentials(List<ClientCredential> all, Alerts alerts) {
    if (all.isEmpty() || all.size() > 2) {
      throw new IllegalArgumentException("one credential, or two");
    }
    this.all = List.copyOf(all);
    this.alerts = alerts;
  }

  /** Makes the request with a credential that is taken, where one is. */
  Mono<Answer> present(String tokenEndpoint, Function<Map<String, String>, Mono<Answer>> request) {
    int first = inUse.get();
    return with(first, tokenEndpoint, request)
        .flatMap(answer ->
            isRefused(answer) && all.size() == 2
                ? failOver(first, answer, tokenEndpoint, request)
                : Mono.just(answer))
        .doOnNext(this::remember);
  }

  private Mono<Answer> failOver(
      int first,
      Answer answer,
      String tokenEndpoint,
      Function<Map<String, String>, Mono<Answer>> request) {
    int other = 1 - first;
    return with(other, tokenEndpoint, request)
        .map(second ->
            switch (told(second)) {
              case REFUSED -> answer;
              case TAKEN -> switched(first, other, second);
              case NOTHING -> second;
            });
  }

  private Answer switched(int first, int other, Answer answer) {
    if (inUse.compareAndSet(first, other)) {
      LOG.atError()
          .addKeyValue("refused", name(first))
          .addKeyValue("in_use", name(other))
          .log("a credential was refused and the other took its place: replace the refused one");
      alerts.raise(Alerts.Kind.CREDENTIAL_FAILED_OVER);
    }
    return answer;
  }

  private Mono<Answer> with(
      int which, String tokenEndpoint, Function<Map<String, String>, Mono<Answer>> request) {
    ClientCredential credential = all.get(which);
    return once(credential, tokenEndpoint, request)
        .flatMap(answer ->
            isRefused(answer)
                ? credential
                    .renew(tokenEndpoint)
                    .onErrorReturn(false)
                    .flatMap(changed ->
                        changed ? once(credential, tokenEndpoint, request) : Mono.just(answer))
                : Mono.just(answer));
  }

  private static Mono<Answer> once(
      ClientCredential credential,
      String tokenEndpoint,
      Function<Map<String, String>, Mono<Answer>> request) {
    return credential
        .proof(tokenEndpoint)
        .onErrorMap(fault -> !(fault instanceof ProofRefused), ProofRefused::unavailable)
        .flatMap(request)
        .onErrorResume(ProofRefused.class, fault -> Mono.just(fault.answer()));
  }

  private void remember(Answer answer) {
    if (told(answer) == Told.NOTHING) {
      return;
    }
    boolean nowRefused = isRefused(answer);
    if (nowRefused && !refused) {
      LOG.atError().log("no credential of this gateway is taken: nothing can be exchanged");
      alerts.raise(Alerts.Kind.CREDENTIAL_REFUSED);
    }
    refused = nowRefused;
  }

  private static boolean isRefused(Answer answer) {
    return told(answer) == Told.REFUSED;
  }

  private static Told told(Answer answer) {
    return switch (answer) {
      case Answer.Success _ -> Told.TAKEN;
      case Answer.Failure failure ->
          switch (failure.row().answer()) {
            case CREDENTIAL -> Told.REFUSED;
            case TRANSIENT -> Told.NOTHING;
            case NEW_TOKEN, STEP_UP, CONSENT, DENIED, MISCONFIGURED -> Told.TAKEN;
          };
    };
  }

  /** What an answer tells of the credential that was presented. */
  private enum Told {
    TAKEN,
    REFUSED,
    NOTHING
  }

  /** {@code primary}, {@code standby}, or {@code none} where no credential is taken. */
  String state() {
    return refused ? "none" : name(inUse.get());
  }

  private static String name(int which) {
    return which == 0 ? "primary" : "standby";
  }

  /** No proof could be made. */
  static final class ProofRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Answer.Failure answer;

    ProofRefused(Answer.Failure answer) {
      super("no proof", null, false, false);
      this.answer = answer;
    }

    private static ProofRefused unavailable(Throwable fault) {
      LOG.atError()
          .addKeyValue("fault", fault.getClass().getName())
          .log("a credential could not be made");
      return new ProofRefused(
          Answer.Failure.of(EntraAnswer.CREDENTIAL, "credential", TokenEndpoint.Ids.NONE));
    }

    Answer.Failure answer() {
      return answer;
    }
  }
}
