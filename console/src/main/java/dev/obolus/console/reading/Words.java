// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.reading;

import dev.obolus.console.reading.Entry.Touched;
import dev.obolus.console.reading.Entry.Why;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a line is called: one word for its state, and short texts for what it was about. */
public final class Words {
  private Words() {}

  /** The state in a word or two. */
  public static String state(Entry entry) {
    return switch (entry.event()) {
      case "decided" -> effect(entry.effect());
      case "served" -> "Served";
      case "failed" -> entry.bySource() ? "Source refused" : "Failed";
      case "cancelled" -> "Cancelled";
      case "rejected" -> "Turned away";
      case "signed_in" -> "Signed in";
      case "operator_acted" -> "Operator";
      case "policy_changed" -> "Policy";
      case "open", "opened" -> "Chain opened";
      case "close", "closed" -> "Chain closed";
      case "tombstone" -> "Chain ended";
      case "clock" -> "Clock set";
      case "key_issued" -> "Key issued";
      case "frozen" -> "Frozen";
      case "unfrozen" -> "Unfrozen";
      case "approval" -> entry.code().endsWith("H") ? "Approval asked" : "Approval given";
      case "recovery" -> "Database set back";
      default -> sentence(entry.event());
    };
  }

  private static String effect(String effect) {
    return switch (effect) {
      case "allow" -> "Allowed";
      case "deny" -> "Denied";
      case "step_up" -> "Step-up";
      case "approval_needed" -> "Held";
      default -> "Unknown effect";
    };
  }

  /** What was asked for, on one line. */
  public static String on(Entry entry) {
    var names = entry.resources().stream().map(Touched::name).toList();
    return names.isEmpty() ? entry.connector() : String.join(", ", names);
  }

  /** Why it was decided so, or what came of it, on one line. */
  public static String why(Entry entry, Catalogue catalogue) {
    return switch (entry.event()) {
      case "decided" -> reasons(entry, catalogue);
      case "served" -> delivered(entry);
      default -> sentence(entry.about());
    };
  }

  private static String reasons(Entry entry, Catalogue catalogue) {
    if (entry.reasons().isEmpty()) {
      return "";
    }
    Why lead = lead(entry);
    var others = entry.reasons().size() - 1;
    var told = catalogue.find(lead.code()).map(text -> filled(text, lead)).orElse("");
    return lead.code() + (others == 0 ? "" : " +" + others) + (told.isEmpty() ? "" : "  " + told);
  }

  /** The organisation's rules deny and restrict; what allows is a team's. */
  private static Why lead(Entry entry) {
    return entry.reasons().stream()
        .filter(why -> entry.effect().equals("allow") && !why.layer().equals("org"))
        .findFirst()
        .orElse(entry.reasons().getFirst());
  }

  /** A catalogue's sentence with this reason's arguments in it. */
  public static String filled(String text, Why why) {
    var filled = text;
    for (var arg : why.args()) {
      int equals = arg.indexOf('=');
      filled = filled.replace("{" + arg.substring(0, equals) + "}", arg.substring(equals + 1));
    }
    return filled;
  }

  /** How much left. */
  public static String delivered(Entry entry) {
    var parts = new ArrayList<String>();
    entry.rows().ifPresent(n -> parts.add(Moments.grouped(n) + (n == 1 ? " row" : " rows")));
    entry.bytes().ifPresent(n -> parts.add(Moments.size(n)));
    return String.join(", ", parts);
  }

  /** A word of the log as a reader would write it. */
  public static String sentence(String word) {
    var spaced = word.replace('_', ' ').replace('.', ' ');
    return spaced.isEmpty()
        ? ""
        : spaced.substring(0, 1).toUpperCase(Locale.ROOT) + spaced.substring(1);
  }

  /** The chain's first eight digits: enough to tell chains apart. */
  public static String shortChain(String chain) {
    return chain.length() > 8 ? chain.substring(0, 8) : chain;
  }

  /** Every label touched, once. */
  public static List<String> labels(Entry entry) {
    return entry.resources().stream().flatMap(r -> r.everyLabel().stream()).distinct().toList();
  }
}
