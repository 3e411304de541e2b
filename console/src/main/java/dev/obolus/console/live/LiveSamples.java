// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.live;

import dev.obolus.audit.query.Cursor;
import dev.obolus.audit.query.Query;
import dev.obolus.audit.query.Reading;
import dev.obolus.console.operator.Noted;
import dev.obolus.console.operator.Verification;
import dev.obolus.console.reading.LogPages;
import dev.obolus.console.reading.People;
import dev.obolus.console.web.Page;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The live page in each of its states, made up, to be rendered at start. */
public final class LiveSamples {
  private static final Instant THEN = Instant.EPOCH;
  private static final Row ROW =
      new Row("k", "/audit", "deny", "Denied", "t", "w", "a", "query", "on", "why", "1 ms", "r");

  private LiveSamples() {}

  public static List<Page> pages() {
    var line = new Noted.Line("Record 1 of chain 0", "/audit/records/0/1");
    var noted = new Noted(List.of(new Noted.Group("Pruned", "why", List.of(line), true)));
    var sound = new Verification.Sound(THEN, true, true, 2, 1, 3, noted);
    var broken = new Verification.Broken(THEN, "0".repeat(32), 1, "fault", "why", true, 2);
    var q = Query.ALL;
    var all = People.UNKNOWN;
    var fresh =
        AuditView.blank(
            all, q, THEN, "p", Optional.empty(), false, Optional.of(sound), Optional.empty());
    var bad =
        AuditView.blank(
            all, q, THEN, "p", Optional.of(THEN), true, Optional.empty(), Optional.of(broken));
    var place = Optional.of(Cursor.before(THEN));
    var page = new LogPages.Page(List.of(), place, place, Optional.of(THEN));
    var wrong = new Reading.Misunderstood(Reading.Fault.NO_KEY, 0, 1, "wrong", "mend it");
    return List.of(
        fresh.page(),
        fresh.filled(q, List.of(ROW), page).page(),
        bad.page(),
        bad.misunderstood("x", wrong).page());
  }
}
