// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.terms;

/**
 * What stands in a masked column's place. Ordered by strength: {@link Nullify} hides more than
 * {@link Replace}, which hides more than {@link Partial}.
 */
public sealed interface Mask {

  /** NULL. */
  record Nullify() implements Mask {}

  /** A constant text. */
  record Replace(String text) implements Mask {}

  /** The last {@code keep} characters; asterisks for the others. */
  record Partial(int keep) implements Mask {
    public Partial {
      if (keep < 0 || keep > 64) {
        throw new IllegalArgumentException("keep is 0 to 64");
      }
    }
  }

  /** The stronger of two masks; of two equally strong ones, the one that keeps less. */
  static Mask stronger(Mask a, Mask b) {
    return switch (a) {
      case Nullify _ -> a;
      case Replace _ -> b instanceof Nullify ? b : a;
      case Partial(int keep) ->
          b instanceof Partial(int otherKeep) ? (keep <= otherKeep ? a : b) : b;
    };
  }
}
