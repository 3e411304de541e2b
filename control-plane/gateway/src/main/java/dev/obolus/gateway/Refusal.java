// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A front door's own no, on its way to the wire. Carries facts, no trace. */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final ErrorCode code;
  private final String detail;
  private final transient List<Pointed> errors;
  private final transient Optional<Duration> retryAfter;

  private Refusal(
      ErrorCode code, String detail, List<Pointed> errors, Optional<Duration> retryAfter) {
    super(code.word(), null, false, false);
    this.code = code;
    this.detail = detail;
    this.errors = List.copyOf(errors);
    this.retryAfter = retryAfter;
  }

  public static Refusal of(ErrorCode code, String detail) {
    return new Refusal(code, detail, List.of(), Optional.empty());
  }

  /** A member of the body is wrong. */
  public static Refusal at(ErrorCode code, String pointer, String detail) {
    return new Refusal(code, detail, List.of(new Pointed(pointer, detail)), Optional.empty());
  }

  public static Refusal later(ErrorCode code, String detail, Duration retryAfter) {
    return new Refusal(code, detail, List.of(), Optional.of(retryAfter));
  }

  public ErrorCode code() {
    return code;
  }

  /** A sentence for a human. */
  public String detail() {
    return detail;
  }

  public List<Pointed> errors() {
    return errors;
  }

  public Optional<Duration> retryAfter() {
    return retryAfter;
  }

  /**
   * @param pointer a JSON pointer into the body
   */
  public record Pointed(String pointer, String detail) {}
}
