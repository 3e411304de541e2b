// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.connector.Operation;
import dev.obolus.connector.Operation.Argument;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds a request's arguments against the operation's flat schema. What it tells is only what the
 * catalogue shows and what the caller wrote.
 */
final class Arguments {
  /** Enough to correct a request by; a hostile one is not answered at its own length. */
  private static final int MOST_FAULTS = 20;

  private static final int MOST_DEPTH = 32;
  private static final int MOST_TEXT_IN_LIST = 4_096;

  private Arguments() {}

  static List<Outcome.Fault> faults(Operation operation, Map<String, Object> arguments) {
    var faults = new ArrayList<Outcome.Fault>();
    Set<String> known = new HashSet<>();
    for (Argument argument : operation.arguments()) {
      known.add(argument.name());
      fault(argument, arguments.get(argument.name()))
          .ifPresent(detail -> faults.add(Pointers.fault(argument.name(), detail)));
    }
    arguments.keySet().stream()
        .filter(name -> !known.contains(name))
        .limit(MOST_FAULTS)
        .forEach(name -> faults.add(Pointers.fault(name, "There is no such argument.")));
    return faults.stream().limit(MOST_FAULTS).toList();
  }

  private static Optional<String> fault(Argument argument, @Nullable Object value) {
    if (value == null) {
      return argument.required() ? Optional.of("This argument is missing.") : Optional.empty();
    }
    return switch (argument.type()) {
      case TEXT -> text(argument, value);
      case INTEGER -> integer(value);
      case TRUTH -> value instanceof Boolean ? Optional.empty() : Optional.of("true or false.");
      case TEXTS -> texts(argument, value);
      case OBJECT -> value instanceof Map ? depth(value) : Optional.of("This is to be an object.");
      case OBJECTS -> objects(argument, value);
    };
  }

  private static Optional<String> text(Argument argument, Object value) {
    if (!(value instanceof String text)) {
      return Optional.of("This is to be a text.");
    }
    return text.length() <= argument.maxLength()
        ? Optional.empty()
        : Optional.of("This is longer than " + argument.maxLength() + " characters.");
  }

  private static Optional<String> integer(Object value) {
    return switch (value) {
      case Long _ -> Optional.empty();
      case BigDecimal number when number.stripTrailingZeros().scale() <= 0 ->
          Optional.of("This number is out of range, or is not written as a whole number.");
      default -> Optional.of("This is to be a whole number.");
    };
  }

  private static Optional<String> texts(Argument argument, Object value) {
    if (!(value instanceof List<?> items) || !items.stream().allMatch(String.class::isInstance)) {
      return Optional.of("This is to be a list of texts.");
    }
    if (items.stream().anyMatch(item -> ((String) item).length() > MOST_TEXT_IN_LIST)) {
      return Optional.of("A text in this list is too long.");
    }
    return items(argument, items);
  }

  private static Optional<String> objects(Argument argument, Object value) {
    if (!(value instanceof List<?> items) || !items.stream().allMatch(Map.class::isInstance)) {
      return Optional.of("This is to be a list of objects.");
    }
    return items(argument, items).or(() -> depth(value));
  }

  private static Optional<String> items(Argument argument, List<?> items) {
    return items.size() <= argument.maxLength()
        ? Optional.empty()
        : Optional.of("This has more than " + argument.maxLength() + " items.");
  }

  private static Optional<String> depth(Object value) {
    return deeper(value, MOST_DEPTH) ? Optional.of("This is nested too deeply.") : Optional.empty();
  }

  private static boolean deeper(@Nullable Object value, int left) {
    if (left == 0) {
      return true;
    }
    return switch (value) {
      case Map<?, ?> members -> members.values().stream().anyMatch(v -> deeper(v, left - 1));
      case List<?> items -> items.stream().anyMatch(item -> deeper(item, left - 1));
      case null, default -> false;
    };
  }
}
