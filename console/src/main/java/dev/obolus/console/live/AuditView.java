// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.live;

import dev.obolus.audit.query.Key;
import dev.obolus.audit.query.Query;
import dev.obolus.audit.query.Query.Bound;
import dev.obolus.audit.query.Query.Term;
import dev.obolus.audit.query.QueryGrammar;
import dev.obolus.audit.query.Reading;
import dev.obolus.audit.query.Value;
import dev.obolus.console.operator.Noted;
import dev.obolus.console.operator.Verification;
import dev.obolus.console.reading.LogPages;
import dev.obolus.console.reading.Moments;
import dev.obolus.console.reading.People;
import dev.obolus.console.reading.Shown;
import dev.obolus.console.web.Page;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the live audit page shows.
 *
 * @param q what stands in the box, with people by their names
 * @param asked the same as addresses and the stream have it, with pseudonyms
 * @param wrong what is wrong with the query
 * @param after where the stream begins
 * @param stale since when the log cannot be followed, or empty
 * @param standing what does not move: a page of older records, a span that is over; or empty
 * @param older the address of the next page, or empty
 * @param newer the address of the page in the other direction, or empty
 * @param newest the address of the first page, or empty on it
 * @param searchedTo how far a search came before it was stopped, or empty
 */
record AuditView(
    String q,
    String asked,
    Optional<Wrong> wrong,
    String after,
    String stale,
    String standing,
    List<Preset> presets,
    List<Preset> spans,
    List<Row> rows,
    String older,
    String newer,
    String newest,
    String searchedTo,
    Optional<Verified> verified,
    Optional<Verified> broken) {

  /** A query that is one click away. */
  record Preset(String label, String tone, String href, boolean chosen) {}

  /**
   * What is wrong with a query, and where.
   *
   * @param place in words
   * @param before what stands before it, the text itself, and what stands after
   */
  record Wrong(
      String code,
      String sentence,
      String next,
      String place,
      String before,
      String at,
      String after) {
    static Wrong of(String q, Reading.Misunderstood wrong) {
      return new Wrong(
          wrong.fault().code(),
          Shown.of(wrong.sentence()),
          Shown.of(wrong.next()),
          "character " + (wrong.from() + 1),
          Shown.of(q.substring(0, wrong.from())),
          Shown.of(q.substring(wrong.from(), wrong.to())),
          Shown.of(q.substring(wrong.to())));
    }
  }

  /** A verification as the page says it. */
  record Verified(
      String kind, String title, String detail, String href, String place, Noted noted) {
    Verified(String kind, String title, String detail, String href, String place) {
      this(kind, title, detail, href, place, Noted.NOTHING);
    }

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
                    + by(s),
                "",
                "",
                s.noted());
        case Verification.Pending p ->
            new Verified(
                "pending",
                "Not verified yet",
                "Records are newer than what can be verified. Try again shortly.",
                "",
                "",
                p.noted());
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

    private static String by(Verification.Sound sound) {
      var checked =
          Stream.of(
                  Optional.of("hashes"),
                  sound.keyed() ? Optional.of("keyed seals") : Optional.<String>empty(),
                  sound.signed() ? Optional.of("the log's signatures") : Optional.<String>empty())
              .flatMap(Optional::stream)
              .toList();
      return checked.size() == 1
          ? ", hashes only: the gateway has no key."
          : ": " + String.join(", ", checked) + ".";
    }
  }

  private static final Map<String, String> TONES =
      Map.of("Allowed", "allow", "Denied", "deny", "Held", "held", "Errors", "error");

  static AuditView blank(
      People people,
      Query query,
      Instant now,
      String after,
      Optional<Instant> staleSince,
      boolean past,
      Optional<Verification> verified,
      Optional<Verification> last) {
    var broken = last.filter(Verification::isBroken).map(Verified::of);
    return new AuditView(
        people.inQuery(query.toString()),
        query.toString(),
        Optional.empty(),
        after,
        staleSince.map(Moments::second).orElse(""),
        standing(query, now, past),
        effects(query),
        spans(query),
        List.of(),
        "",
        "",
        past ? at(query).toString() : "",
        "",
        verified.map(Verified::of).filter(v -> !v.kind().equals("broken")),
        broken);
  }

  private static String standing(Query query, Instant now, boolean past) {
    if (past) {
      return "Older records";
    }
    return query.reaches(now) ? "" : "A span that is over";
  }

  AuditView misunderstood(String typed, Reading.Misunderstood fault) {
    return new AuditView(
        typed,
        "",
        Optional.of(Wrong.of(typed, fault)),
        after,
        stale,
        standing,
        unchosen(presets),
        unchosen(spans),
        rows,
        older,
        newer,
        newest,
        searchedTo,
        verified,
        broken);
  }

  private static List<Preset> unchosen(List<Preset> presets) {
    return presets.stream().map(p -> new Preset(p.label(), p.tone(), p.href(), false)).toList();
  }

  AuditView filled(Query query, List<Row> found, LogPages.Page page) {
    return new AuditView(
        q,
        asked,
        wrong,
        after,
        stale,
        standing,
        presets,
        spans,
        found,
        page.older().map(cursor -> href(query, "before=" + cursor)).orElse(""),
        page.newer().map(cursor -> href(query, "after=" + cursor)).orElse(""),
        newest,
        page.searchedTo().map(Moments::full).orElse(""),
        verified,
        broken);
  }

  /** The address of a query's newest records. */
  static URI at(Query query) {
    return URI.create(href(query, ""));
  }

  private static String href(Query query, String place) {
    var parts =
        Stream.of(query.isEmpty() ? "" : "q=" + encoded(query.toString()), place)
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining("&"));
    return parts.isEmpty() ? "/audit" : "/audit?" + parts;
  }

  private static List<Preset> effects(Query query) {
    return List.of(
        effect("All", query),
        effect("Allowed", query, "allow"),
        effect("Denied", query, "deny"),
        effect("Held", query, "approval_needed", "step_up"),
        effect("Errors", query, "error"));
  }

  private static Preset effect(String label, Query query, String... effects) {
    var values = Arrays.stream(effects).<Value>map(Value.Text::of).toList();
    var rest = query.without(Key.EFFECT);
    return preset(
        label,
        query,
        values.isEmpty() ? rest : rest.with(List.of(new Term(Key.EFFECT, false, values))));
  }

  private static List<Preset> spans(Query query) {
    return List.of(
        span("15 min", query, "now-15m"),
        span("1 hour", query, "now-1h"),
        span("24 hours", query, "now-24h"),
        span("7 days", query, "now-7d"),
        preset("Any time", query, query.within(Optional.empty(), Optional.empty())));
  }

  private static Preset span(String label, Query query, String since) {
    return preset(
        label, query, query.within(Optional.of(new Bound(since, Instant.EPOCH)), Optional.empty()));
  }

  private static Preset preset(String label, Query query, Query chosen) {
    return new Preset(
        label,
        TONES.getOrDefault(label, ""),
        at(chosen).toString(),
        chosen.toString().equals(query.toString()));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  Page page() {
    var model = new HashMap<String, Object>();
    model.put("view", this);
    model.put("blank", new Row("-", "-", "allow", "", "", "", "", "", "", "", "", ""));
    model.put("live", standing.isEmpty() && wrong.isEmpty());
    model.put("keys", Key.values());
    model.put("longest", QueryGrammar.LONGEST);
    return Page.of("audit", model);
  }
}
