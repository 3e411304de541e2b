// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Things that are handed out under a random name: codes, refresh tokens. At most so many, oldest
 * out first.
 */
final class Tickets<T> {
  private record Kept<T>(T value, Instant until) {}

  private final SecureRandom random = new SecureRandom();
  private final Clock clock;
  private final Duration life;
  private final Map<String, Kept<T>> kept;

  Tickets(Clock clock, int most, Duration life) {
    this.clock = clock;
    this.life = life;
    this.kept =
        Collections.synchronizedMap(
            new LinkedHashMap<>() {
              private static final long serialVersionUID = 1L;

              @Override
              protected boolean removeEldestEntry(Map.Entry<String, Kept<T>> eldest) {
                return size() > most;
              }
            });
  }

  String issue(T value) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    String name = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    put(name, value);
    return name;
  }

  /** Under a name of the caller's choice. */
  void put(String name, T value) {
    kept.put(name, new Kept<>(value, clock.instant().plus(life)));
  }

  Optional<T> find(String name) {
    return live(Optional.ofNullable(kept.get(name)));
  }

  /** Once. */
  Optional<T> take(String name) {
    return live(Optional.ofNullable(kept.remove(name)));
  }

  void forget(String name) {
    kept.remove(name);
  }

  private Optional<T> live(Optional<Kept<T>> one) {
    return one.filter(found -> found.until().isAfter(clock.instant())).map(Kept::value);
  }
}
