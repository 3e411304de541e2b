// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.signin;

import dev.obolus.console.operator.Verification;
import dev.obolus.console.reading.People;
import java.time.Instant;
import java.util.Optional;

/** What one operator's session remembers. It ends with the session and is stored nowhere. */
public final class Memory {
  /** Whether the sign-in is on the record. */
  public enum SignIn {
    UNRECORDED,
    RECORDED,
    REFUSED
  }

  private volatile SignIn signIn = SignIn.UNRECORDED;
  private volatile Instant tried = Instant.EPOCH;
  private volatile People people = People.UNKNOWN;
  private volatile Optional<Asked> asked = Optional.empty();

  /**
   * The last verification that this operator asked for.
   *
   * @param about a record's key, or empty for the whole log
   */
  public record Asked(String about, Verification verification) {}

  public SignIn signIn() {
    return signIn;
  }

  void signIn(SignIn state) {
    signIn = state;
  }

  Instant tried() {
    return tried;
  }

  void tried(Instant when) {
    tried = when;
  }

  public People people() {
    return people;
  }

  void people(People told) {
    people = told;
  }

  public Optional<Asked> asked() {
    return asked;
  }

  public void asked(Asked verification) {
    asked = Optional.of(verification);
  }

  /** Forgets the last verification: the operator has seen it. */
  public void forgetAsked() {
    asked = Optional.empty();
  }
}
