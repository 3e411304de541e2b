// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector;

import java.util.Optional;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** A way to one person's tokens, for the time of one authorized request. */
public interface DelegatedAccess {

  /**
   * Calls a source with a token for {@code scope}.
   *
   * @param scope one resource's scope, such as {@code 2ff814a6-…/.default}
   * @param call is given the token; may be invoked a second time, with a fresh token, when the
   *     first invocation ends in {@link SourceChallenge}
   * @return what {@code call} gives; {@link AccessRefused} where no token is to be had
   */
  <T> Mono<T> call(String scope, Function<DelegatedToken, Mono<T>> call);

  /** The correlation id of the last exchange that this access made with Entra, if any. */
  Optional<String> lastCorrelationId();

  /**
   * Told by a connector of each id that the source gave its work (a request id, a statement's id),
   * as soon as it has come: the record has it whatever becomes of the call.
   *
   * @param id as the source wrote it; only printable ASCII of 1 to 128 characters is kept
   */
  default void upstream(String id) {}

  /** Signalled when no token is to be had; dispatch turns {@link #failure} into a result. */
  final class AccessRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient ConnectorFailure failure;
    private final transient Optional<RefusedExchange> exchange;

    /** A refusal of our own: no exchange was made. */
    public AccessRefused(ConnectorFailure failure) {
      this(failure, Optional.empty());
    }

    public AccessRefused(ConnectorFailure failure, Optional<RefusedExchange> exchange) {
      super(failure.getClass().getSimpleName(), null, false, false);
      this.failure = failure;
      this.exchange = exchange;
    }

    public ConnectorFailure failure() {
      return failure;
    }

    /** What may be told of the exchange that refused, where one did. */
    public Optional<RefusedExchange> exchange() {
      return exchange;
    }
  }

  /** Signalled by a connector's call when the source asks for other claims (401 with claims). */
  final class SourceChallenge extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String claims;

    public SourceChallenge(String claims) {
      super("claims challenge", null, false, false);
      this.claims = claims;
    }

    /** JSON, reduced to known members, at most 4 KB. */
    public String claims() {
      return claims;
    }
  }
}
