// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The built-in functions that are known to read nothing but their arguments. Whatever is not listed
 * in {@code spark-functions.txt}, a user's own function above all, may do anything.
 */
final class SparkFunctions {
  private static final Map<String, Kind> KNOWN = read();

  private SparkFunctions() {}

  enum Kind {
    SCALAR,
    AGGREGATE,
    /** Puts many rows into one value, and so passes any limit on rows. */
    COLLECTING,
    WINDOW
  }

  static Optional<Kind> find(String name) {
    return Optional.ofNullable(KNOWN.get(name.toLowerCase(Locale.ROOT)));
  }

  private static Map<String, Kind> read() {
    var known = new HashMap<String, Kind>();
    try (InputStream in = SparkFunctions.class.getResourceAsStream("spark-functions.txt")) {
      if (in == null) {
        throw new IllegalStateException("spark-functions.txt is missing");
      }
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> line.split("\\s+"))
          .forEach(words -> {
            for (int i = 1; i < words.length; i++) {
              known.put(words[i], Kind.valueOf(words[0].toUpperCase(Locale.ROOT)));
            }
          });
      return Map.copyOf(known);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
