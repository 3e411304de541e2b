// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.record;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.PersonalValues.Field;
import dev.obolus.console.operator.OperatorApi;
import dev.obolus.console.operator.Revelation;
import dev.obolus.console.reading.Entry.Place;
import dev.obolus.console.signin.Viewer;
import dev.obolus.console.signin.Viewers;
import dev.obolus.console.web.Faults;
import dev.obolus.console.web.Page;
import dev.obolus.console.web.Pages;
import dev.obolus.console.web.Redirects;
import java.net.URI;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Shows one personal value of a record, once: in the answer to the form and nowhere else. A gateway
 * decides who may, and has it on the record first.
 */
@Controller
final class RevealController {
  private static final String PLACE = RecordController.PLACE + "/reveal";

  private final Viewers viewers;
  private final OperatorApi api;
  private final Pages pages;

  RevealController(Viewers viewers, OperatorApi api, Pages pages) {
    this.viewers = viewers;
    this.api = api;
    this.pages = pages;
  }

  @PostMapping(PLACE)
  Mono<Void> reveal(
      ServerWebExchange exchange, @PathVariable String chain, @PathVariable long seq) {
    var place = new Place(ChainId.parse(chain), seq);
    return Mono.zip(viewers.of(exchange), exchange.getFormData())
        .flatMap(asked -> answer(asked.getT1(), place, asked.getT2()))
        .flatMap(page -> pages.write(exchange, page));
  }

  /** Asked for without its form, as after choosing a theme on the answer: the record itself. */
  @GetMapping(PLACE)
  Mono<Void> back(ServerWebExchange exchange, @PathVariable String chain, @PathVariable long seq) {
    return Redirects.seeOther(exchange, URI.create(new Place(ChainId.parse(chain), seq).href()));
  }

  private Mono<Page> answer(Viewer viewer, Place place, MultiValueMap<String, String> form) {
    return field(form.getFirst("field"))
        .map(field -> answer(viewer, place, field, form.getFirst("reason")))
        .orElseGet(() -> Mono.just(Faults.notFound()));
  }

  private Mono<Page> answer(Viewer viewer, Place place, Field field, @Nullable String reason) {
    return reason == null || reason.isBlank() || reason.length() > RevealRefusals.LONGEST_REASON
        ? Mono.just(RevealRefusals.reasonless(place))
        : api.reveal(
                viewer.token(), place.chain().toString(), place.seq(), field.word(), reason.strip())
            .map(answer -> page(place, field, Revelation.of(answer)));
  }

  private static Optional<Field> field(@Nullable String word) {
    return Arrays.stream(Field.values()).filter(field -> field.word().equals(word)).findFirst();
  }

  private static Page page(Place place, Field field, Revelation revelation) {
    return switch (revelation) {
      case Revelation.Value value -> RevealView.of(place, field, value).page();
      case Revelation.Erased(var receipt) -> RevealView.erased(place, field, receipt).page();
      case Revelation.Altered(var receipt) -> RevealView.altered(place, field, receipt).page();
      case Revelation.Refused refused -> RevealRefusals.page(place, refused);
      case Revelation.NoGateway() -> RevealRefusals.noGateway(place);
    };
  }
}
