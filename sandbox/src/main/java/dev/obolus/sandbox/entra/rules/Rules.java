// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.rules;

import dev.obolus.sandbox.entra.EntraError;
import dev.obolus.sandbox.entra.SignIn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** The rules that stand now, oldest first: the first that holds and is not met decides. */
public final class Rules {
  private static final int MOST = 200;
  private final List<Rule> rules = new ArrayList<>();
  private final Map<String, Integer> fired = new HashMap<>();

  /**
   * Adds one.
   *
   * @throws IllegalArgumentException with a sentence that says what is wrong
   */
  public synchronized Rule add(Map<String, String> fields) {
    if (rules.size() == MOST) {
      throw new IllegalArgumentException("there are " + MOST + " rules already");
    }
    Rule rule = Rule.read(UUID.randomUUID().toString(), fields);
    rules.add(rule);
    return rule;
  }

  /** Whether there was one. */
  public synchronized boolean remove(String id) {
    fired.remove(id);
    return rules.removeIf(rule -> rule.id().equals(id));
  }

  public synchronized void clear() {
    rules.clear();
    fired.clear();
  }

  public synchronized List<Rule> all() {
    return List.copyOf(rules);
  }

  /** How often a rule has decided. */
  public synchronized int fired(String id) {
    return fired.getOrDefault(id, 0);
  }

  /**
   * What a call runs into, if anything.
   *
   * @param signIn behind the call; of an application's own call, any
   */
  public synchronized Optional<Then> check(Call call, SignIn signIn, Instant now) {
    for (Rule rule : rules) {
      boolean spent = rule.times() > 0 && fired(rule.id()) >= rule.times();
      if (!spent && rule.holds(call)) {
        Optional<Then> hit = hit(rule, call, signIn, now);
        if (hit.isPresent()) {
          fired.merge(rule.id(), 1, Integer::sum);
          return hit;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Then> hit(Rule rule, Call call, SignIn signIn, Instant now) {
    return switch (rule.then()) {
      case Then.Require wanted ->
          isMet(wanted, signIn, now)
              ? Optional.empty()
              : Optional.of(new Then.Refuse(challenge(rule, wanted, call)));
      case Then.Refuse refused -> Optional.of(refused);
      case Then.Page page -> Optional.of(page);
      case Then.Hang hang -> Optional.of(hang);
      case Then.Drip drip -> Optional.of(drip);
    };
  }

  private static boolean isMet(Then.Require wanted, SignIn signIn, Instant now) {
    return wanted.control() == Control.FREQUENCY
        ? signIn.at().plus(wanted.within()).isAfter(now)
        : signIn.met().contains(wanted.control().word());
  }

  private static EntraError challenge(Rule rule, Then.Require wanted, Call call) {
    String error = call.kind().equals("obo") ? "interaction_required" : "invalid_grant";
    return wanted.control().challenge(error, rule.id());
  }

  /** What a person meets by signing in for this call: whatever the rules want there. */
  public synchronized Set<String> metBySigningIn(Call call) {
    Set<String> met = new TreeSet<>();
    for (Rule rule : rules) {
      if (rule.then() instanceof Then.Require wanted && rule.holds(call)) {
        met.add(wanted.control().word());
      }
    }
    return met;
  }

  /** What these policies want, as a challenge names them. */
  public synchronized Set<String> wantedBy(Set<String> policies) {
    Set<String> met = new TreeSet<>();
    for (Rule rule : rules) {
      if (rule.then() instanceof Then.Require wanted && policies.contains(rule.id())) {
        met.add(wanted.control().word());
      }
    }
    return met;
  }
}
