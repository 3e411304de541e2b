// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.personal;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Person;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whose values an event holds.
 *
 * @param person who acted, where somebody did
 * @param all the tenant first, then the person, then who is named by address
 */
public record Subjects(Optional<Subject> person, List<Subject> all) {
  /** How many addresses of one record are looked after; more stand under the others' keys. */
  static final int MOST_ADDRESSES = 16;

  private static final int MOST_LOCAL = 128;
  private static final int MOST_READINGS = 3;

  private static final Subjects NOBODY = new Subjects(Optional.empty(), List.of());

  public Subjects {
    all = List.copyOf(all);
  }

  /** Of nobody: for events without a personal value. */
  public static Subjects of(AuditEvent event) {
    return switch (event) {
      case AuditEvent.Decided decided -> ofDecided(decided);
      case AuditEvent.SignedIn signedIn -> of(signedIn.tenant(), signedIn.person());
      case AuditEvent.OperatorActed acted -> of(acted.tenant(), acted.person());
      case AuditEvent.Erased erased -> of(erased.tenant(), erased.person());
      case AuditEvent.Frozen frozen ->
          frozen.person().map(person -> of(frozen.tenant(), person)).orElse(NOBODY);
      case AuditEvent.Unfrozen _,
          AuditEvent.Served _,
          AuditEvent.Failed _,
          AuditEvent.Cancelled _,
          AuditEvent.Pruned _,
          AuditEvent.Rejected _,
          AuditEvent.PolicyChanged _,
          AuditEvent.KeyIssued _,
          AuditEvent.KeyRefused _,
          AuditEvent.KeyWithdrawn _,
          AuditEvent.Opened _ ->
          NOBODY;
    };
  }

  private static Subjects of(String tenant, Person person) {
    Subject who = Subject.person(person);
    return new Subjects(Optional.of(who), List.of(Subject.tenant(tenant), who));
  }

  private static Subjects ofDecided(AuditEvent.Decided decided) {
    Optional<Subject> person = decided.person().map(Subject::person);
    Set<String> addresses = new LinkedHashSet<>();
    decided.statement().ifPresent(text -> collect(text, addresses));
    decided.obligations().ifPresent(text -> collect(text, addresses));
    decided.policyInputs().ifPresent(text -> collect(text, addresses));
    List<Subject> all = new ArrayList<>(2 + addresses.size());
    all.add(Subject.tenant(decided.tenant()));
    person.ifPresent(all::add);
    addresses.forEach(address -> all.add(Subject.email(decided.tenant(), address)));
    return new Subjects(person, all);
  }

  /**
   * Adds the e-mail addresses of a text, in lower case, until there are enough. What stands before
   * the sign may hold whatever RFC 5322, 3.2.3, lets an atom hold; where that is as likely to be a
   * text's own (the {@code %} of a pattern, the {@code =} of a query), the address is taken both
   * with and without.
   */
  static void collect(String text, Set<String> addresses) {
    for (int at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
      int end = at + 1;
      while (end < text.length() && isHost(text.charAt(end))) {
        end++;
      }
      while (end > at && text.charAt(end - 1) == '.') {
        end--;
      }
      String host = text.substring(at, Math.max(end, at + 1));
      if (host.indexOf('.') > 1) {
        for (String local : readings(local(text, at))) {
          if (addresses.size() >= MOST_ADDRESSES) {
            return;
          }
          addresses.add((local + host).toLowerCase(java.util.Locale.ROOT));
        }
      }
    }
  }

  /** What stands before the sign. A quote is of it if doubled, escaped or inside a word. */
  private static String local(String text, int at) {
    StringBuilder backwards = new StringBuilder();
    int i = at - 1;
    while (i >= 0 && backwards.length() < MOST_LOCAL) {
      char c = text.charAt(i);
      char before = i > 0 ? text.charAt(i - 1) : ' ';
      boolean escaped = c == '\'' && (before == '\'' || before == '\\');
      if (!isLocal(c) || (c == '\'' && !escaped && !Character.isLetterOrDigit(before))) {
        break;
      }
      backwards.append(c);
      i -= escaped ? 2 : 1;
    }
    return backwards.reverse().toString();
  }

  /** The whole, and the shortest of what follows a sign that may not be part of it. */
  private static List<String> readings(String local) {
    List<String> readings = new ArrayList<>();
    for (int start = 0; start < local.length(); start++) {
      if (local.charAt(start) != '\'' && (start == 0 || !isPlain(local.charAt(start - 1)))) {
        readings.add(local.substring(start));
      }
    }
    while (readings.size() > MOST_READINGS) {
      String _ = readings.remove(1);
    }
    return readings;
  }

  private static boolean isLocal(char c) {
    return isPlain(c) || "!#$%&'*/=?^`{|}~".indexOf(c) >= 0;
  }

  private static boolean isPlain(char c) {
    return isHost(c) || c == '_' || c == '+';
  }

  private static boolean isHost(char c) {
    return Character.isLetterOrDigit(c) || c == '.' || c == '-';
  }
}
