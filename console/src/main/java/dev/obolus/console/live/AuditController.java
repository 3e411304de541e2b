// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.live;

import dev.obolus.console.operator.Integrity;
import dev.obolus.console.operator.OperatorApi;
import dev.obolus.console.operator.Verification;
import dev.obolus.console.reading.Catalogue;
import dev.obolus.console.reading.Filter;
import dev.obolus.console.reading.FilterGrammar;
import dev.obolus.console.reading.FilterGrammar.Reading;
import dev.obolus.console.reading.LogPages;
import dev.obolus.console.reading.LogPages.Cursor;
import dev.obolus.console.reading.LogPages.Page;
import dev.obolus.console.signin.Memory.Asked;
import dev.obolus.console.signin.Sentences;
import dev.obolus.console.signin.Viewer;
import dev.obolus.console.signin.Viewers;
import dev.obolus.console.web.Faults.LogUnreadable;
import dev.obolus.console.web.Pages;
import dev.obolus.console.web.Redirects;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** The live audit page. */
@Controller
final class AuditController {
  static final int ROWS = 100;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Viewers viewers;
  private final LogPages log;
  private final Tail tail;
  private final Catalogue catalogue;
  private final Sentences sentences;
  private final OperatorApi api;
  private final Integrity integrity;
  private final Pages pages;
  private final Clock clock;

  AuditController(
      Viewers viewers,
      LogPages log,
      Tail tail,
      Catalogue catalogue,
      Sentences sentences,
      OperatorApi api,
      Integrity integrity,
      Pages pages,
      Clock clock) {
    this.viewers = viewers;
    this.log = log;
    this.tail = tail;
    this.catalogue = catalogue;
    this.sentences = sentences;
    this.api = api;
    this.integrity = integrity;
    this.pages = pages;
    this.clock = clock;
  }

  @GetMapping("/")
  Mono<Void> home(ServerWebExchange exchange) {
    return Redirects.seeOther(exchange, URI.create("/audit"));
  }

  @GetMapping("/audit")
  Mono<Void> audit(
      ServerWebExchange exchange,
      @RequestParam(defaultValue = "") String q,
      @RequestParam(defaultValue = "") String before) {
    return viewers
        .of(exchange)
        .flatMap(sentences::current)
        .flatMap(viewer -> view(viewer, q, before))
        .flatMap(view -> pages.write(exchange, view.page()));
  }

  private Mono<AuditView> view(Viewer viewer, String q, String before) {
    var cursor = Cursor.parse(before);
    var from = tail.position();
    var asked = viewer.memory().asked().filter(a -> a.about().isEmpty()).map(Asked::verification);
    var view =
        AuditView.blank(
            q, from.toString(), tail.staleSince(), cursor.isPresent(), asked, integrity);
    return switch (FilterGrammar.read(q, viewer.people()::pseudonyms)) {
      case Reading.Misunderstood(String sentence) -> Mono.just(view.misunderstood(sentence));
      case Reading.Understood(Filter filter) ->
          read(viewer, filter, cursor).map(page -> view.filled(filter, rows(viewer, page), page));
    };
  }

  private Mono<Page> read(Viewer viewer, Filter filter, Optional<Cursor> cursor) {
    return log.page(viewer.operator().tenants(), filter, cursor, ROWS)
        .timeout(PATIENCE)
        .onErrorMap(LogUnreadable::new);
  }

  private List<Row> rows(Viewer viewer, Page page) {
    return page.entries().stream()
        .map(entry -> Row.of(entry, catalogue).named(viewer.people()))
        .toList();
  }

  /** The newest rows as data: what a browser asks for after a gap. */
  record Rows(String id, List<Row> rows) {}

  @GetMapping("/audit/rows")
  @ResponseBody
  Mono<ResponseEntity<Rows>> rows(
      ServerWebExchange exchange, @RequestParam(defaultValue = "") String q) {
    return viewers.of(exchange).flatMap(viewer -> rows(viewer, q));
  }

  private Mono<ResponseEntity<Rows>> rows(Viewer viewer, String q) {
    var from = tail.position();
    return switch (FilterGrammar.read(q, viewer.people()::pseudonyms)) {
      case Reading.Misunderstood wrong -> Mono.just(ResponseEntity.badRequest().build());
      case Reading.Understood(Filter filter) ->
          read(viewer, filter, Optional.empty())
              .map(page -> ResponseEntity.ok(new Rows(from.toString(), rows(viewer, page))));
    };
  }

  @PostMapping("/audit/verification")
  Mono<Void> verify(ServerWebExchange exchange) {
    return viewers
        .of(exchange)
        .flatMap(viewer -> api.verify(viewer.token()).map(answer -> note(viewer, answer)))
        .flatMap(noted -> Redirects.seeOther(exchange, URI.create("/audit")));
  }

  private Verification note(Viewer viewer, OperatorApi.Answer answer) {
    var verification = Verification.of(answer, clock.instant());
    integrity.note(verification);
    viewer.memory().asked(new Asked("", verification));
    return verification;
  }

  @PostMapping("/audit/verification/seen")
  Mono<Void> seen(ServerWebExchange exchange) {
    return viewers
        .of(exchange)
        .doOnNext(viewer -> viewer.memory().forgetAsked())
        .flatMap(viewer -> Redirects.seeOther(exchange, URI.create("/audit")));
  }
}
