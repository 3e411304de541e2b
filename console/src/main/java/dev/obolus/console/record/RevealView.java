// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.record;

import dev.obolus.audit.PersonalValues.Field;
import dev.obolus.console.operator.Revelation;
import dev.obolus.console.operator.Revelation.Receipt;
import dev.obolus.console.reading.Entry.Place;
import dev.obolus.console.reading.Moments;
import dev.obolus.console.reading.Shown;
import dev.obolus.console.reading.Words;
import dev.obolus.console.web.Page;
import java.util.Map;
import java.util.Optional;

/**
 * What the answer to a reveal shows. Prints as nothing.
 *
 * @param onRecord the address of the record that says so, or empty
 */
record RevealView(
    String tone,
    String title,
    String sentence,
    String place,
    String href,
    Optional<Shows> shows,
    String onRecord,
    String onRecordPlace) {

  /**
   * The value as it may be looked at.
   *
   * @param spelt whether characters of it are spelt out
   */
  record Shows(String value, String salt, boolean spelt) {
    @Override
    public String toString() {
      return "Shows[…]";
    }
  }

  static RevealView of(Place place, Field field, Revelation.Value value) {
    var shown = Shown.of(value.value());
    return view(
        "system",
        title(field),
        "A gateway checked it against the seal in the record. It is shown this once and kept"
            + " nowhere in the console; whoever wants to see it again asks again.",
        place,
        Optional.of(new Shows(shown, Shown.of(value.salt()), !shown.equals(value.value()))),
        value.receipt());
  }

  static RevealView erased(Place place, Field field, Optional<Receipt> receipt) {
    return view(
        "system",
        title(field) + " is erased",
        "A key of this value was destroyed: nobody can read it, in a backup neither. The record"
            + " stays as it was sealed, and still verifies.",
        place,
        Optional.empty(),
        receipt);
  }

  static RevealView altered(Place place, Field field, Optional<Receipt> receipt) {
    return view(
        "deny",
        title(field) + " is not what was sealed",
        "What is stored beside the record does not fit its seal, so it is not shown. Somebody"
            + " changed the database: verify this record, and keep a copy of the database for whoever"
            + " looks into it.",
        place,
        Optional.empty(),
        receipt);
  }

  private static RevealView view(
      String tone,
      String title,
      String sentence,
      Place place,
      Optional<Shows> shows,
      Optional<Receipt> receipt) {
    return new RevealView(
        tone,
        title,
        sentence,
        shortly(place.chain().toString(), place.seq()),
        place.href(),
        shows,
        receipt.map(Receipt::href).orElse(""),
        receipt.map(r -> shortly(r.chain(), r.seq())).orElse(""));
  }

  private static String shortly(String chain, long seq) {
    return Words.shortChain(chain) + "·" + Moments.grouped(seq);
  }

  private static String title(Field field) {
    return switch (field) {
      case PERSON -> "The person";
      case STATEMENT -> "The statement";
      case OBLIGATIONS -> "The conditions' values";
      case INPUTS -> "The policy's input";
    };
  }

  Page page() {
    return Page.of("revealed", Map.of("view", this));
  }

  @Override
  public String toString() {
    return "RevealView[…]";
  }
}
