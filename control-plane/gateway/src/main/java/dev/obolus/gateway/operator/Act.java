// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import java.util.Collections;
import java.util.Set;

/** What an operator can do here. */
enum Act {
  VERIFY("audit.verify"),
  SIGN_IN("console.sign_in"),
  NAME_PEOPLE("people.list"),
  SEE_STATUS("status.read"),
  REVEAL("audit.reveal"),
  FORGET("audit.forget"),
  PRUNE("audit.prune"),
  FREEZE("freeze.set"),
  SEE_FREEZES("freeze.list"),
  LIFT("freeze.lift");

  private final String word;

  Act(String word) {
    this.word = word;
  }

  /** As the record names it. */
  String word() {
    return word;
  }

  /** Whether it needs a sign-in that was made for it. */
  boolean isGrave() {
    return switch (this) {
      case REVEAL, FORGET, PRUNE, LIFT -> true;
      case VERIFY, SIGN_IN, NAME_PEOPLE, SEE_STATUS, FREEZE, SEE_FREEZES -> false;
    };
  }

  boolean isOpenTo(Set<Role> held) {
    return !Collections.disjoint(held, roles());
  }

  private Set<Role> roles() {
    return switch (this) {
      case VERIFY -> Set.of(Role.SOC, Role.AUDITOR, Role.PLATFORM);
      case NAME_PEOPLE -> Set.of(Role.SOC, Role.APPROVER, Role.AUDITOR);
      case REVEAL -> Set.of(Role.SOC, Role.AUDITOR);
      case FORGET, PRUNE -> Set.of(Role.AUDITOR, Role.ADMIN);
      case FREEZE -> Set.of(Role.SOC, Role.ADMIN);
      case SEE_FREEZES -> Set.of(Role.SOC, Role.APPROVER, Role.AUDITOR, Role.ADMIN);
      case LIFT -> Set.of(Role.APPROVER, Role.ADMIN);
      case SIGN_IN, SEE_STATUS -> Set.of(Role.values());
    };
  }
}
