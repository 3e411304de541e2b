// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.connector.ConnectorId;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.Refusal;
import dev.obolus.gateway.freeze.Freeze.Place;
import dev.obolus.gateway.freeze.Scope;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what is to be frozen, and which freeze is to end. */
final class FreezeBody {
  private static final Pattern CONNECTOR = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final Pattern NAME = Pattern.compile("([0-9a-f]{32})-([0-9]{1,18})");
  private static final Pattern PLAIN = Pattern.compile("\\P{Cntrl}*");

  private static final Duration LONGEST = Duration.ofDays(366);

  private FreezeBody() {}

  /**
   * @param until when it is to end by itself
   */
  record Asked(Scope scope, String reason, Optional<Instant> until) {}

  static Asked read(Map<String, Object> body, Instant now) {
    Set<String> own =
        switch (String.valueOf(body.get("scope"))) {
          case "person" -> Set.of("tenant", "object_id");
          case "agent" -> Set.of("client");
          case "tenant" -> Set.of("tenant");
          case "connector" -> Set.of("connector");
          case "everything" -> Set.of();
          default ->
              throw ValuesBody.malformed(
                  "/scope", "One of person, agent, tenant, connector, everything is meant.");
        };
    Set<String> taken = new HashSet<>(own);
    taken.addAll(Set.of("scope", "reason", "until"));
    ValuesBody.only(body, taken);
    return new Asked(scope(body), reason(body), until(body.get("until"), now));
  }

  private static Scope scope(Map<String, Object> body) {
    return switch (String.valueOf(body.get("scope"))) {
      case "person" ->
          new Scope.Person(ValuesBody.id(body, "tenant"), ValuesBody.id(body, "object_id"));
      case "agent" -> new Scope.Agent(ValuesBody.id(body, "client"));
      case "tenant" -> new Scope.Tenant(ValuesBody.id(body, "tenant"));
      case "connector" -> new Scope.Source(connector(body.get("connector")));
      default -> new Scope.Everything();
    };
  }

  private static ConnectorId connector(@Nullable Object given) {
    if (given instanceof String name && CONNECTOR.matcher(name).matches()) {
      return new ConnectorId(name);
    }
    throw ValuesBody.malformed("/connector", "The member is no connector's name.");
  }

  static String reason(Map<String, Object> body) {
    String text = ValuesBody.text(body, "reason");
    if (!PLAIN.matcher(text).matches()) {
      throw ValuesBody.malformed("/reason", "Control characters are not taken.");
    }
    return text;
  }

  private static Optional<Instant> until(@Nullable Object given, Instant now) {
    if (given == null) {
      return Optional.empty();
    }
    try {
      if (given instanceof String text
          && Instant.parse(text).isAfter(now)
          && !Instant.parse(text).isAfter(now.plus(LONGEST))) {
        return Optional.of(Instant.parse(text));
      }
    } catch (DateTimeParseException e) {
      throw ValuesBody.malformed("/until", "The member is no time such as 2026-11-21T18:00:00Z.");
    }
    throw ValuesBody.malformed("/until", "A time to come is needed, within a year.");
  }

  /** A freeze's name in an address: its record's chain and seq. */
  static Place place(String name) {
    var parts = NAME.matcher(name);
    if (!parts.matches()) {
      throw Refusal.of(ErrorCode.NOT_FOUND, ErrorCode.NOT_FOUND.sentence());
    }
    return Place.parse(parts.group(1) + " " + parts.group(2));
  }

  static String name(Place place) {
    return place.chain() + "-" + place.seq();
  }
}
