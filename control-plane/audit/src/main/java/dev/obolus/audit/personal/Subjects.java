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
      case AuditEvent.Served _,
          AuditEvent.Failed _,
          AuditEvent.Cancelled _,
          AuditEvent.Pruned _,
          AuditEvent.Rejected _,
          AuditEvent.PolicyChanged _,
          AuditEvent.KeyIssued _,
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

  /** Adds the e-mail addresses of a text, in lower case, until there are enough. */
  static void collect(String text, Set<String> addresses) {
    for (int at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
      if (addresses.size() >= MOST_ADDRESSES) {
        return;
      }
      int start = at;
      while (start > 0 && isLocal(text.charAt(start - 1))) {
        start--;
      }
      int end = at + 1;
      while (end < text.length() && isHost(text.charAt(end))) {
        end++;
      }
      while (end > at && text.charAt(end - 1) == '.') {
        end--;
      }
      if (start < at && text.substring(at + 1, Math.max(end, at + 1)).indexOf('.') > 0) {
        addresses.add(text.substring(start, end).toLowerCase(java.util.Locale.ROOT));
      }
    }
  }

  private static boolean isLocal(char c) {
    return isHost(c) || c == '_' || c == '+';
  }

  private static boolean isHost(char c) {
    return Character.isLetterOrDigit(c) || c == '.' || c == '-';
  }
}
