// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import java.util.EnumSet;
import java.util.Set;

/** The app roles of the operator API, by the word that a token carries. */
enum Role {
  SOC("Soc"),
  AUTHOR("Author"),
  APPROVER("Approver"),
  AUDITOR("Auditor"),
  PLATFORM("Platform"),
  ADMIN("Admin");

  private final String word;

  Role(String word) {
    this.word = word;
  }

  String word() {
    return word;
  }

  /** Those of the words that are roles of ours. */
  static Set<Role> of(Set<String> words) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (Role role : values()) {
      if (words.contains(role.word)) {
        roles.add(role);
      }
    }
    return roles;
  }
}
