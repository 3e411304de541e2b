// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.PersonalValues;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.Refusal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what is to be revealed, and who is to be forgotten. */
final class ValuesBody {
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  private static final Pattern ADDRESS = Pattern.compile("[^@\\s]{1,64}@[^@\\s]{1,255}");
  private static final int LONGEST = 200;
  private static final int MOST_ADDRESSES = 16;

  private ValuesBody() {}

  /** A value of a record, and what for. */
  record Reveal(LogVerification.Place place, PersonalValues.Field field, String purpose) {}

  /**
   * Somebody, by what an operator knows of them.
   *
   * @param proposal the record in which somebody else proposed it
   */
  record Forget(
      Person person,
      List<String> addresses,
      String reason,
      Optional<LogVerification.Place> proposal) {}

  static Reveal reveal(Map<String, Object> body) {
    only(body, Set.of("chain", "seq", "field", "purpose"));
    String word = text(body, "field");
    PersonalValues.Field field =
        Arrays.stream(PersonalValues.Field.values())
            .filter(known -> known.word().equals(word))
            .findFirst()
            .orElseThrow(() ->
                malformed("/field", "One of person, statement, obligations, inputs is meant."));
    return new Reveal(place(body, ""), field, text(body, "purpose"));
  }

  static Forget forget(Map<String, Object> body) {
    only(body, Set.of("tenant", "object_id", "emails", "reason", "proposal"));
    return new Forget(
        new Person(id(body, "tenant"), id(body, "object_id")),
        addresses(body.get("emails")),
        text(body, "reason"),
        Optional.ofNullable(body.get("proposal")).map(ValuesBody::proposal));
  }

  static LogVerification.Place proposal(Object given) {
    if (!(given instanceof Map<?, ?> members)) {
      throw malformed("/proposal", "The member is not an object.");
    }
    Map<String, Object> place = new java.util.LinkedHashMap<>();
    for (Map.Entry<?, ?> member : members.entrySet()) {
      Object _ = place.put(String.valueOf(member.getKey()), member.getValue());
    }
    return place(place, "/proposal");
  }

  private static LogVerification.Place place(Map<String, Object> body, String at) {
    Map<String, Object> place = new java.util.LinkedHashMap<>(body);
    place.keySet().retainAll(Set.of("chain", "seq"));
    return PlaceReader.read(place)
        .orElseThrow(() -> malformed(at + "/chain", "The record's chain and seq are needed."));
  }

  private static List<String> addresses(@Nullable Object given) {
    if (given == null) {
      return List.of();
    }
    if (!(given instanceof List<?> list) || list.size() > MOST_ADDRESSES) {
      throw malformed("/emails", "At most 16 addresses are taken, as a list.");
    }
    List<String> addresses = new ArrayList<>();
    for (Object one : list) {
      if (!(one instanceof String address) || !ADDRESS.matcher(address).matches()) {
        throw malformed("/emails", "A member is not an e-mail address.");
      }
      addresses.add(address);
    }
    return addresses;
  }

  static String id(Map<String, Object> body, String name) {
    if (body.get(name) instanceof String id && ID.matcher(id).matches()) {
      return id;
    }
    throw malformed("/" + name, "The member is not a GUID in lower case.");
  }

  static String text(Map<String, Object> body, String name) {
    if (body.get(name) instanceof String text && !text.isBlank() && text.length() <= LONGEST) {
      return text.strip();
    }
    throw malformed("/" + name, "A text of 1 to 200 characters is needed.");
  }

  static void only(Map<String, Object> body, Set<String> names) {
    if (!names.containsAll(body.keySet())) {
      throw malformed(
          "", "Only " + String.join(", ", names.stream().sorted().toList()) + " are taken.");
    }
  }

  static Refusal malformed(String pointer, String detail) {
    return Refusal.at(ErrorCode.MALFORMED, pointer, detail);
  }
}
