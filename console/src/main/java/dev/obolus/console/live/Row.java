// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.live;

import dev.obolus.console.reading.Catalogue;
import dev.obolus.console.reading.Entry;
import dev.obolus.console.reading.Moments;
import dev.obolus.console.reading.Shown;
import dev.obolus.console.reading.Tone;
import dev.obolus.console.reading.Words;

/**
 * A line as it is shown, every text ready: the same for the first page and for frames.
 *
 * @param who the pseudonym; each viewer's own names replace it
 */
public record Row(
    String key,
    String href,
    String tone,
    String word,
    String time,
    String who,
    String agent,
    String asked,
    String on,
    String why,
    String took,
    String record) {

  static Row of(Entry entry, Catalogue catalogue) {
    return new Row(
        entry.place().key(),
        entry.place().href(),
        entry.tone().word(),
        Words.state(entry),
        Moments.time(entry.at()),
        entry.person(),
        Shown.of(through(entry)),
        Shown.of(entry.operation()),
        Shown.of(Words.on(entry)),
        Shown.of(Words.why(entry, catalogue)),
        entry.tookMicros().isPresent() ? Moments.took(entry.tookMicros().getAsLong()) : "",
        Words.shortChain(entry.place().chain().toString())
            + "·"
            + Moments.grouped(entry.place().seq()));
  }

  /** The agent; its bare client id only where somebody acts through it. */
  private static String through(Entry entry) {
    var client = entry.tone() == Tone.SYSTEM ? "" : entry.client();
    return entry.agent().isEmpty() ? client : entry.agent();
  }

  /** The same with the person's name. */
  Row named(dev.obolus.console.reading.People people) {
    return who.isEmpty()
        ? this
        : new Row(
            key, href, tone, word, time, people.name(who), agent, asked, on, why, took, record);
  }
}
