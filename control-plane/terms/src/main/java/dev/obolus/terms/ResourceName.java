// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.terms;

/**
 * The full name of one thing that policy judges, as its source names it: {@code main.sales.orders}.
 * At most 512 characters, no control characters.
 */
public record ResourceName(String value) implements Comparable<ResourceName> {
  public static final int MAX_LENGTH = 512;

  public ResourceName {
    if (value.isBlank()
        || value.length() > MAX_LENGTH
        || value.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("not a resource name");
    }
  }

  @Override
  public int compareTo(ResourceName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
