// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.record;

import dev.obolus.audit.AuditReader;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.ChainId;
import dev.obolus.console.operator.Integrity;
import dev.obolus.console.operator.OperatorApi;
import dev.obolus.console.operator.Verification;
import dev.obolus.console.reading.Catalogue;
import dev.obolus.console.reading.Entry.Place;
import dev.obolus.console.signin.Memory.Asked;
import dev.obolus.console.signin.Sentences;
import dev.obolus.console.signin.Viewer;
import dev.obolus.console.signin.Viewers;
import dev.obolus.console.web.Faults;
import dev.obolus.console.web.Faults.LogUnreadable;
import dev.obolus.console.web.Pages;
import dev.obolus.console.web.Redirects;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** The page of one record. */
@Controller
final class RecordController {
  static final String PLACE = "/audit/records/{chain:[0-9a-f]{32}}/{seq:[0-9]{1,18}}";
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Viewers viewers;
  private final AuditReader reader;
  private final OperatorApi api;
  private final Integrity integrity;
  private final Catalogue catalogue;
  private final Sentences sentences;
  private final Pages pages;
  private final Clock clock;

  RecordController(
      Viewers viewers,
      AuditReader reader,
      OperatorApi api,
      Integrity integrity,
      Catalogue catalogue,
      Sentences sentences,
      Pages pages,
      Clock clock) {
    this.viewers = viewers;
    this.reader = reader;
    this.api = api;
    this.integrity = integrity;
    this.catalogue = catalogue;
    this.sentences = sentences;
    this.pages = pages;
    this.clock = clock;
  }

  @GetMapping(PLACE)
  Mono<Void> record(
      ServerWebExchange exchange, @PathVariable String chain, @PathVariable long seq) {
    var place = new Place(ChainId.parse(chain), seq);
    return viewers
        .of(exchange)
        .flatMap(sentences::current)
        .flatMap(viewer -> gathered(viewer, place))
        .flatMap(found ->
            pages.write(exchange, found.map(RecordView::page).orElseGet(Faults::notFound)));
  }

  private Mono<Optional<RecordView>> gathered(Viewer viewer, Place place) {
    return find(viewer, place)
        .flatMap(found ->
            found
                .map(record -> gathered(viewer, place, record).map(Optional::of))
                .orElseGet(() -> Mono.just(Optional.empty())));
  }

  private Mono<RecordView> gathered(Viewer viewer, Place place, AuditRecord record) {
    return Mono.zip(
            siblings(viewer, record),
            find(viewer, new Place(place.chain(), place.seq() - 1)),
            find(viewer, new Place(place.chain(), place.seq() + 1)))
        .map(around ->
            new RecordViews(viewer.people(), catalogue)
                .view(
                    record,
                    around.getT1(),
                    around.getT2().isPresent(),
                    around.getT3().isPresent(),
                    verified(viewer, place)));
  }

  private static Optional<Verification> verified(Viewer viewer, Place place) {
    return viewer
        .memory()
        .asked()
        .filter(asked -> asked.about().equals(place.key()))
        .map(Asked::verification);
  }

  private Mono<List<AuditRecord>> siblings(Viewer viewer, AuditRecord record) {
    var decision = RecordViews.decision(record);
    return decision.isEmpty()
        ? Mono.just(List.of(record))
        : reader
            .ofDecision(viewer.operator().tenants(), decision)
            .timeout(PATIENCE)
            .onErrorMap(LogUnreadable::new);
  }

  private Mono<Optional<AuditRecord>> find(Viewer viewer, Place place) {
    return place.seq() < 1
        ? Mono.just(Optional.empty())
        : reader
            .find(viewer.operator().tenants(), place.chain(), place.seq())
            .timeout(PATIENCE)
            .onErrorMap(LogUnreadable::new);
  }

  @GetMapping("/audit/d/{decision}")
  Mono<Void> ofDecision(ServerWebExchange exchange, @PathVariable String decision) {
    return viewers
        .of(exchange)
        .flatMap(viewer ->
            reader
                .ofDecision(viewer.operator().tenants(), decision)
                .timeout(PATIENCE)
                .onErrorMap(LogUnreadable::new))
        .flatMap(records -> first(exchange, records));
  }

  private Mono<Void> first(ServerWebExchange exchange, List<AuditRecord> records) {
    return records.isEmpty()
        ? pages.write(exchange, Faults.notFound())
        : Redirects.seeOther(
            exchange,
            URI.create(new Place(records.getFirst().chain(), records.getFirst().seq()).href()));
  }

  @GetMapping(path = PLACE + "/json", produces = MediaType.APPLICATION_JSON_VALUE)
  Mono<ResponseEntity<RawRecord>> raw(
      ServerWebExchange exchange, @PathVariable String chain, @PathVariable long seq) {
    return viewers
        .of(exchange)
        .flatMap(viewer -> find(viewer, new Place(ChainId.parse(chain), seq)))
        .map(found -> ResponseEntity.of(found.map(RawRecord::of)));
  }

  @PostMapping(PLACE + "/verification")
  Mono<Void> verify(
      ServerWebExchange exchange, @PathVariable String chain, @PathVariable long seq) {
    var place = new Place(ChainId.parse(chain), seq);
    return viewers
        .of(exchange)
        .flatMap(viewer ->
            api.verify(viewer.token(), chain, seq).map(answer -> note(viewer, place, answer)))
        .flatMap(noted -> Redirects.seeOther(exchange, URI.create(place.href() + "#proof")));
  }

  private Verification note(Viewer viewer, Place place, OperatorApi.Answer answer) {
    var verification = Verification.of(answer, clock.instant());
    if (verification.isBroken()) {
      integrity.note(viewer.operator().tenants(), verification);
    }
    viewer.memory().asked(new Asked(place.key(), verification));
    return verification;
  }
}
