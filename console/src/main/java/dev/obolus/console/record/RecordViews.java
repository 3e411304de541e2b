// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.record;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.console.operator.Verification;
import dev.obolus.console.reading.Catalogue;
import dev.obolus.console.reading.Entry;
import dev.obolus.console.reading.Entry.Touched;
import dev.obolus.console.reading.Entry.Why;
import dev.obolus.console.reading.Fields;
import dev.obolus.console.reading.Moments;
import dev.obolus.console.reading.People;
import dev.obolus.console.reading.Shown;
import dev.obolus.console.reading.Words;
import dev.obolus.console.record.RecordView.Column;
import dev.obolus.console.record.RecordView.Fact;
import dev.obolus.console.record.RecordView.Head;
import dev.obolus.console.record.RecordView.Proof;
import dev.obolus.console.record.RecordView.Reason;
import dev.obolus.console.record.RecordView.Resource;
import dev.obolus.console.record.RecordView.Section;
import dev.obolus.console.record.RecordView.Step;
import dev.obolus.console.record.RecordView.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Tells a record: who, through which agent, asked what, why it was decided, what happened. */
final class RecordViews {
  private final People people;
  private final Catalogue catalogue;

  RecordViews(People people, Catalogue catalogue) {
    this.people = people;
    this.catalogue = catalogue;
  }

  /** The decision that the record belongs to, or empty. */
  static String decision(AuditRecord record) {
    return Entry.of(record).decision();
  }

  RecordView view(
      AuditRecord record,
      List<AuditRecord> ofDecision,
      boolean hasPrev,
      boolean hasNext,
      Optional<Verification> verified) {
    var entry = Entry.of(record);
    var decided = ofDecision.stream().filter(r -> r.event().equals("decided")).findFirst();
    var outcome =
        ofDecision.stream()
            .filter(r -> Set.of("served", "failed", "cancelled").contains(r.event()))
            .findFirst();
    var told =
        decided
            .map(Entry::of)
            .filter(d -> !d.place().equals(entry.place()))
            .map(entry::toldBy)
            .orElse(entry);
    return new RecordView(
        head(record, told, hasPrev, hasNext),
        sections(decided.orElse(record), outcome, decided.isPresent()),
        decided.map(Entry::of).orElse(entry).reasons().stream().map(this::reason).toList(),
        told.resources().stream().map(RecordViews::resource).toList(),
        ofDecision.size() < 2 ? List.of() : ofDecision.stream().map(r -> step(r, entry)).toList(),
        proof(record, verified));
  }

  private Head head(AuditRecord record, Entry told, boolean hasPrev, boolean hasNext) {
    var base = "/audit/records/" + record.chain() + "/";
    return new Head(
        told.tone().word(),
        Words.state(told),
        Shown.of(sentence(told)),
        Words.shortChain(record.chain().toString()) + "·" + Moments.grouped(record.seq()),
        Moments.full(record.at()),
        record.code(),
        hasPrev ? base + (record.seq() - 1) : "",
        hasNext ? base + (record.seq() + 1) : "");
  }

  private String sentence(Entry told) {
    var who = told.person().isEmpty() ? "" : people.name(told.person());
    var agent = told.agent().isEmpty() ? told.client() : told.agent();
    return switch (told.event()) {
      case "decided", "served", "failed", "cancelled" ->
          (who.isEmpty() ? "Nobody" : who)
              + (agent.isEmpty() ? "" : " through " + agent)
              + (told.operation().isEmpty() ? "" : " asked: " + told.operation())
              + (Words.on(told).isEmpty() ? "" : " on " + Words.on(told));
      case "signed_in" -> (who.isEmpty() ? "An operator" : who) + " signed in to the console";
      case "frozen" -> (who.isEmpty() ? Words.sentence(told.about()) : who) + " was frozen";
      case "unfrozen" -> "A freeze was lifted: " + told.about();
      case "operator_acted", "approval" ->
          (who.isEmpty() ? "An operator" : who) + " did: " + Words.sentence(told.about());
      default -> "The gateway recorded: " + Words.state(told).toLowerCase(java.util.Locale.ROOT);
    };
  }

  private List<Section> sections(
      AuditRecord decided, Optional<AuditRecord> outcome, boolean request) {
    if (!request) {
      return List.of(new Section("Recorded", "What it says", everything(decided), ""));
    }
    var fields = new Fields(decided);
    var sections = new ArrayList<Section>();
    sections.add(
        new Section("Who", "The person whose token was presented", who(decided, fields), ""));
    sections.add(new Section("Through", "The agent that acted for them", through(fields), ""));
    sections.add(new Section("Asked", "What was to be done", asked(fields), ""));
    sections.add(new Section("Why", "How it was decided", why(fields), ""));
    sections.add(
        new Section(
            "Happened",
            "What came of it",
            outcome.map(this::happened).orElse(List.of()),
            Entry.of(decided).effect().equals("allow")
                ? "No outcome is recorded yet. If none follows, the next gateway to start closes it as unknown."
                : "Nothing was sent to the source."));
    return sections;
  }

  private List<Fact> who(AuditRecord record, Fields fields) {
    var facts = new Facts(fields);
    if (record.person().equals("-")) {
      facts.say("Person", "nobody: an application on its own", "text", "");
    } else {
      facts.say("Name", people.name(record.person()), "text", "");
      facts.say("Pseudonym", record.person(), "mono", "keyed; what searches use");
    }
    return facts
        .say("Tenant", record.tenant(), "mono", "")
        .text("Token", "token_id", "mono", "the presented token's own id")
        .committed("Object id", "person_value")
        .list();
  }

  private List<Fact> through(Fields fields) {
    return new Facts(fields)
        .text("Agent", "agent", "text", "as registered")
        .text("Application", "client", "mono", "verified")
        .text("Strength", "strength", "text", "")
        .texts("Claims to come via", "via", "self-asserted, not verified")
        .text("Conversation", "conversation", "mono", "self-asserted")
        .text("Trace", "trace", "mono", "")
        .list();
  }

  private List<Fact> asked(Fields fields) {
    return new Facts(fields)
        .text("Operation", "operation", "text", "")
        .text("Connector", "connector", "mono", "")
        .text("Action", "action_class", "text", "")
        .text("Purpose", "purpose", "text", "as the agent gave it")
        .text("Lane", "lane", "text", "how identity travels")
        .committed("Statement", "statement")
        .list();
  }

  private List<Fact> why(Fields fields) {
    return new Facts(fields)
        .text("Effect", "effect", "text", "")
        .text("Revision", "revision", "mono", "of the policy")
        .text("Evaluator", "evaluator", "text", "")
        .texts("Conditions", "obligation_kinds", "")
        .micros("Took", "took_us")
        .text("Environment", "environment", "text", "")
        .text("Decision", "decision_id", "mono", "")
        .committed("Conditions, with values", "obligations")
        .committed("Policy input", "inputs")
        .list();
  }

  private List<Fact> happened(AuditRecord outcome) {
    var entry = Entry.of(outcome);
    var facts = new Facts(new Fields(outcome)).say("Outcome", Words.state(entry), "text", "");
    if (outcome.event().equals("served")) {
      facts.say("Delivered", Words.delivered(entry), "text", "");
    }
    return facts
        .text("Code", "error_code", "mono", "what the caller was told")
        .flag("Refused by", "by_source", "the source itself", "Obolus")
        .text("At the source", "source_state", "text", "")
        .flag("Truncated", "truncated", "yes", "no")
        .texts("Withheld", "withheld_kinds", "")
        .micros("Took", "took_us")
        .text(
            "Client request id", "client_request_id", "mono", "ours, sent to Entra and the source")
        .text("Entra correlation id", "entra_correlation_id", "mono", "")
        .texts("Source ids", "upstream_ids", "")
        .list();
  }

  /** Every field, for records that are not about a request. */
  private static List<Fact> everything(AuditRecord record) {
    var facts = new ArrayList<Fact>();
    record.fields().forEach((name, field) -> facts.add(fact(record, name, field)));
    return facts;
  }

  private static Fact fact(AuditRecord record, String name, Field field) {
    var title = Words.sentence(name);
    return switch (field) {
      case Field.Text(var value) -> new Fact(title, Shown.of(value), "mono", "");
      case Field.Whole(var value) -> new Fact(title, Moments.grouped(value), "text", "");
      case Field.Texts(var values) ->
          new Fact(title, Shown.of(String.join(", ", values)), "mono", "");
      case Field.Json(var value) -> new Fact(title, Shown.of(value), "mono", "");
      case Field.Committed(var commitment) -> Facts.committed(record, title, name, commitment);
    };
  }

  private Reason reason(Why why) {
    var sentence = catalogue.find(why.code()).map(text -> Words.filled(text, why)).orElse("");
    return new Reason(
        Shown.of(why.code()),
        Shown.of(why.layer()),
        Shown.of(sentence),
        why.args().stream().map(Shown::of).toList());
  }

  private static Resource resource(Touched touched) {
    return new Resource(
        Shown.of(touched.name()),
        touched.labels(),
        touched.columns().stream().map(c -> new Column(Shown.of(c.name()), c.labels())).toList());
  }

  private Step step(AuditRecord record, Entry here) {
    var entry = Entry.of(record);
    return new Step(
        entry.tone().word(),
        Words.state(entry),
        Shown.of(Words.why(entry, catalogue)),
        Moments.time(entry.at()),
        entry.place().href(),
        entry.place().equals(here.place()));
  }

  private static Proof proof(AuditRecord record, Optional<Verification> verified) {
    var href = Entry.of(record).place().href();
    return new Proof(
        record.canonical().hex(),
        record.canonical().length(),
        record.leaf().hex(),
        record.prevMac().hex(),
        record.seq() == 1,
        record.mac().hex(),
        record.keyId(),
        href + "/verification",
        href + "/json",
        verified.map(RecordViews::verdict));
  }

  private static String by(Verification.Sound sound) {
    var seal = sound.keyed() ? "Leaf, link and keyed seal recomputed" : "Leaf and link recomputed";
    if (sound.signed()) {
      return seal + ", and proven to be in the log that was signed,";
    }
    return sound.keyed() ? seal : seal + ", by no key,";
  }

  private static Verdict verdict(Verification verification) {
    var at = Moments.second(verification.at());
    return switch (verification) {
      case Verification.Sound s ->
          new Verdict("sound", "This record is as it was sealed", by(s) + " at " + at + ".", "");
      case Verification.Pending p ->
          new Verdict(
              "pending",
              "Not verified yet",
              "No checkpoint covers it yet. Try again in a moment.",
              "");
      case Verification.Broken b ->
          new Verdict(
              "broken",
              "This is not what was sealed",
              (b.sentence().isEmpty() ? b.fault().replace('_', ' ') : b.sentence())
                  + " (chain "
                  + b.chain()
                  + ", record "
                  + b.seq()
                  + ")",
              b.href());
      case Verification.BrokenElsewhere b ->
          new Verdict("broken", "The log is broken", "Not at a record that you may see.", "");
      case Verification.Refused r ->
          new Verdict("pending", "It could not be verified", r.sentence(), "");
      case Verification.NoGateway n ->
          new Verdict(
              "pending", "No gateway answers", "Only a gateway can check the keyed seal.", "");
    };
  }
}
