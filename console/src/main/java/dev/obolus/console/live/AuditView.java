// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.live;

import dev.obolus.console.operator.Integrity;
import dev.obolus.console.operator.Verification;
import dev.obolus.console.reading.Filter;
import dev.obolus.console.reading.FilterGrammar;
import dev.obolus.console.reading.FilterGrammar.Reading;
import dev.obolus.console.reading.LogPages;
import dev.obolus.console.reading.LogPages.Cursor;
import dev.obolus.console.reading.Moments;
import dev.obolus.console.web.Page;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the live audit page shows.
 *
 * @param wrong what is wrong with the filter, or empty
 * @param after where the stream begins
 * @param stale since when the log cannot be followed, or empty
 * @param past whether this is a page of older records, which does not move
 * @param older the address of the next page, or empty
 * @param searchedTo how far back a search went before it was stopped, or empty
 */
record AuditView(
    String q,
    String wrong,
    String after,
    String stale,
    boolean past,
    List<Preset> presets,
    List<Row> rows,
    String older,
    String searchedTo,
    Optional<Verified> verified,
    Optional<Verified> broken) {

  /** A filter that is one click away. */
  record Preset(String label, String tone, String href, boolean chosen) {}

  /** A verification as the page says it. */
  record Verified(String kind, String title, String detail, String href, String place) {
    static Verified of(Verification verification) {
      var at = Moments.second(verification.at());
      return switch (verification) {
        case Verification.Sound s ->
            new Verified(
                "sound",
                "The log is whole",
                Moments.grouped(s.records())
                    + " records in "
                    + Moments.grouped(s.chains())
                    + (s.chains() == 1 ? " chain" : " chains")
                    + " recomputed at "
                    + at
                    + " in "
                    + Moments.grouped(s.tookMillis())
                    + " ms"
                    + (s.keyed()
                        ? ", hashes and keyed seals."
                        : ", hashes only: the gateway has no key."),
                "",
                "");
        case Verification.Pending p ->
            new Verified(
                "pending",
                "Not verified yet",
                "Records are newer than what can be verified. Try again shortly.",
                "",
                "");
        case Verification.Broken b ->
            new Verified(
                "broken",
                "The log is broken",
                b.sentence().isEmpty()
                    ? "Its first bad record is not what was sealed."
                    : b.sentence(),
                b.href(),
                b.chain() + " · " + b.seq() + " · " + b.fault().replace('_', ' '));
        case Verification.BrokenElsewhere b ->
            new Verified(
                "broken",
                "The log is broken",
                "A record that you may not see is not what was sealed. Tell whoever keeps the log.",
                "",
                "");
        case Verification.Refused r ->
            new Verified("pending", "The log could not be verified", r.sentence(), "", "");
        case Verification.NoGateway n ->
            new Verified(
                "pending",
                "No gateway answers",
                "Only a gateway can check the keyed seals. Start one, then verify again.",
                "",
                "");
      };
    }
  }

  private static final Map<String, String> TONES =
      Map.of("Allowed", "allow", "Denied", "deny", "Held", "held", "Errors", "error");

  static AuditView blank(
      String q,
      String after,
      Optional<Instant> staleSince,
      boolean past,
      Optional<Verification> asked,
      Integrity integrity) {
    var broken = integrity.last().filter(Verification::isBroken).map(Verified::of);
    return new AuditView(
        q,
        "",
        after,
        staleSince.map(Moments::second).orElse(""),
        past,
        presets(q),
        List.of(),
        "",
        "",
        asked.map(Verified::of).filter(v -> !v.kind().equals("broken")),
        broken);
  }

  AuditView misunderstood(String sentence) {
    return new AuditView(
        q, sentence, after, stale, past, presets, rows, older, searchedTo, verified, broken);
  }

  AuditView filled(Filter filter, List<Row> found, LogPages.Page page) {
    return new AuditView(
        q,
        wrong,
        after,
        stale,
        past,
        presets,
        found,
        page.older().map(cursor -> older(filter, cursor)).orElse(""),
        page.searchedTo().map(Moments::full).orElse(""),
        verified,
        broken);
  }

  private String older(Filter filter, Cursor cursor) {
    return "/audit?" + (filter.isEmpty() ? "" : "q=" + encoded(q) + "&") + "before=" + cursor;
  }

  private static List<Preset> presets(String q) {
    return List.of(
        preset("All", "", q),
        preset("Allowed", "effect:allow", q),
        preset("Denied", "effect:deny", q),
        preset("Held", "effect:held,step_up", q),
        preset("Errors", "effect:error", q));
  }

  private static Preset preset(String label, String filter, String q) {
    return new Preset(
        label,
        TONES.getOrDefault(label, ""),
        filter.isEmpty() ? "/audit" : "/audit?q=" + encoded(filter),
        canonical(filter).equals(canonical(q)));
  }

  private static String canonical(String text) {
    return FilterGrammar.read(text, name -> Set.of()) instanceof Reading.Understood(Filter filter)
        ? filter.toString()
        : text;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  Page page() {
    var model = new HashMap<String, Object>();
    model.put("view", this);
    model.put("blank", new Row("-", "-", "allow", "", "", "", "", "", "", "", "", ""));
    model.put("live", !past && wrong.isEmpty());
    return Page.of("audit", model);
  }
}
