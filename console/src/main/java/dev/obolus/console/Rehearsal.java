// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import dev.obolus.console.live.LiveSamples;
import dev.obolus.console.record.RecordSamples;
import dev.obolus.console.web.Faults;
import dev.obolus.console.web.Page;
import dev.obolus.console.web.Pages;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.stereotype.Component;

/**
 * Renders every template once before the port opens: a broken one stops the start, and none is
 * parsed for the first time on an operator's click.
 */
@Component
final class Rehearsal implements SmartInitializingSingleton {
  private final Pages pages;

  Rehearsal(Pages pages) {
    this.pages = pages;
  }

  /** Every page there is, in each of its states. */
  static List<Page> pages() {
    return Stream.of(LiveSamples.pages(), RecordSamples.pages(), List.of(Faults.notFound()))
        .flatMap(List::stream)
        .toList();
  }

  @Override
  public void afterSingletonsInstantiated() {
    pages().forEach(pages::rehearse);
  }
}
