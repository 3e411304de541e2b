// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.record;

import dev.obolus.console.web.Page;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the page of a record shows. */
record RecordView(
    Head head,
    List<Section> sections,
    List<Reason> reasons,
    List<Resource> resources,
    List<Step> steps,
    Proof proof) {

  /** State in one sentence. */
  record Head(
      String tone,
      String word,
      String sentence,
      String place,
      String at,
      String event,
      String prev,
      String next) {}

  /** A titled group of facts; {@code empty} says why there are none. */
  record Section(String title, String question, List<Fact> facts, String empty) {}

  /**
   * A fact.
   *
   * @param kind {@code text · mono · committed}
   * @param hidden the value behind a commitment
   */
  record Fact(String name, String value, String kind, String note, Optional<Hidden> hidden) {
    Fact(String name, String value, String kind, String note) {
      this(name, value, kind, note, Optional.empty());
    }
  }

  /**
   * A personal value that the page does not show.
   *
   * @param field the operator API's word for it
   * @param action where to ask for it
   */
  record Hidden(String field, String action) {}

  record Reason(String code, String layer, String sentence, List<String> args) {}

  record Resource(String name, List<String> labels, List<Column> columns) {}

  record Column(String name, List<String> labels) {}

  /** One of the records of this decision. */
  record Step(String tone, String word, String detail, String at, String href, boolean here) {}

  /** What convicts: hashes, seals, and what verifying them said. */
  record Proof(
      String canonical,
      int length,
      String leaf,
      String prevMac,
      boolean first,
      String mac,
      String keyId,
      String verifyAction,
      String jsonHref,
      Optional<Verdict> verdict) {}

  /** A gateway's word on this record. */
  record Verdict(String kind, String title, String detail, String href) {}

  Page page() {
    return Page.of("record", Map.of("view", this));
  }
}
