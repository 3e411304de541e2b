// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.record;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.PersonalValues.Field;
import dev.obolus.console.operator.Revelation;
import dev.obolus.console.reading.Entry.Place;
import dev.obolus.console.record.RecordView.Column;
import dev.obolus.console.record.RecordView.Fact;
import dev.obolus.console.record.RecordView.Head;
import dev.obolus.console.record.RecordView.Hidden;
import dev.obolus.console.record.RecordView.Proof;
import dev.obolus.console.record.RecordView.Reason;
import dev.obolus.console.record.RecordView.Resource;
import dev.obolus.console.record.RecordView.Section;
import dev.obolus.console.record.RecordView.Step;
import dev.obolus.console.record.RecordView.Verdict;
import dev.obolus.console.web.Page;
import java.util.List;
import java.util.Optional;

/** The page of a record, and of a value of it, made up, to be rendered at start. */
public final class RecordSamples {
  private static final Place PLACE = new Place(ChainId.parse("0".repeat(32)), 1);

  private RecordSamples() {}

  public static List<Page> pages() {
    return List.of(
        page(List.of(), Optional.empty()),
        page(
            List.of(
                new Fact("n", "v", "committed", "note", Optional.of(new Hidden("person", "/r")))),
            Optional.of(new Verdict("broken", "t", "d", "/audit"))),
        RevealView.of(PLACE, Field.STATEMENT, new Revelation.Value("v", "s", Optional.empty()))
            .page(),
        RevealView.erased(PLACE, Field.PERSON, Optional.empty()).page(),
        RevealView.altered(PLACE, Field.INPUTS, Optional.of(new Revelation.Receipt("c", 1))).page(),
        RevealRefusals.noGateway(PLACE));
  }

  private static Page page(List<Fact> facts, Optional<Verdict> verdict) {
    return new RecordView(
            new Head("deny", "Denied", "s", "p", "a", "c", "/audit", ""),
            List.of(new Section("Why", "q", facts, "e"), new Section("Asked", "q", facts, "e")),
            List.of(new Reason("c", "l", "", List.of("a=b"))),
            List.of(new Resource("r", List.of("l"), List.of(new Column("c", List.of("l"))))),
            List.of(new Step("deny", "Denied", "d", "t", "/audit", true)),
            new Proof("00", 1, "l", "p", true, "m", "k", "/v", "/j", verdict))
        .page();
  }
}
