// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.live;

import dev.obolus.audit.query.Cursor;
import dev.obolus.audit.query.Page.Start;
import dev.obolus.audit.query.Query;
import dev.obolus.audit.query.QueryGrammar;
import dev.obolus.audit.query.Reading;
import dev.obolus.console.operator.Integrity;
import dev.obolus.console.operator.OperatorApi;
import dev.obolus.console.operator.Verification;
import dev.obolus.console.reading.Catalogue;
import dev.obolus.console.reading.LogPages;
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
import java.util.Objects;
import java.util.Set;
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
      @RequestParam(defaultValue = "") String before,
      @RequestParam(defaultValue = "") String after) {
    var start = start(before, after);
    return viewers
        .of(exchange)
        .flatMap(sentences::current)
        .flatMap(viewer -> answer(exchange, viewer, q, start));
  }

  /** A search is posted and then looked at: who was looked for by name is in no address. */
  @PostMapping("/audit/search")
  Mono<Void> search(ServerWebExchange exchange) {
    return viewers
        .of(exchange)
        .flatMap(sentences::current)
        .zipWith(exchange.getFormData())
        .flatMap(asked ->
            ask(
                exchange,
                asked.getT1(),
                Objects.requireNonNullElse(asked.getT2().getFirst("q"), "")));
  }

  private Mono<Void> ask(ServerWebExchange exchange, Viewer viewer, String q) {
    return switch (read(viewer, q)) {
      case Reading.Misunderstood wrong -> misunderstood(exchange, viewer, q, wrong);
      case Reading.Understood(Query query) -> Redirects.seeOther(exchange, AuditView.at(query));
    };
  }

  private Mono<Void> answer(ServerWebExchange exchange, Viewer viewer, String q, Start start) {
    return switch (read(viewer, q)) {
      case Reading.Misunderstood wrong -> misunderstood(exchange, viewer, q, wrong);
      case Reading.Understood(Query query) when namesSomebody(q) ->
          Redirects.seeOther(exchange, AuditView.at(query));
      case Reading.Understood(Query query) ->
          view(viewer, query, start).flatMap(view -> pages.write(exchange, view.page()));
    };
  }

  private Reading read(Viewer viewer, String q) {
    return QueryGrammar.read(q, clock.instant(), viewer.people()::pseudonyms);
  }

  /** Whether it can be read only by whoever knows people's names. */
  private boolean namesSomebody(String q) {
    return QueryGrammar.read(q, clock.instant(), nobody -> Set.of())
        instanceof Reading.Misunderstood;
  }

  private static Start start(String before, String after) {
    return Cursor.parse(before)
        .<Start>map(Start.OlderThan::new)
        .or(() -> Cursor.parse(after).map(Start.NewerThan::new))
        .orElseGet(Start.Newest::new);
  }

  private Mono<Void> misunderstood(
      ServerWebExchange exchange, Viewer viewer, String q, Reading.Misunderstood wrong) {
    var view = blank(viewer, Query.ALL, new Start.Newest()).misunderstood(q, wrong);
    return pages.write(exchange, view.page());
  }

  private AuditView blank(Viewer viewer, Query query, Start start) {
    var asked = viewer.memory().asked().filter(a -> a.about().isEmpty()).map(Asked::verification);
    return AuditView.blank(
        viewer.people(),
        query,
        clock.instant(),
        tail.position().toString(),
        tail.staleSince(),
        !(start instanceof Start.Newest),
        asked,
        integrity.last(viewer.operator().tenants()));
  }

  private Mono<AuditView> view(Viewer viewer, Query query, Start start) {
    var view = blank(viewer, query, start);
    return page(viewer, query, start).map(page -> view.filled(query, rows(viewer, page), page));
  }

  private Mono<Page> page(Viewer viewer, Query query, Start start) {
    return log.page(viewer.operator().tenants(), query, start, ROWS)
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
    return switch (read(viewer, q)) {
      case Reading.Misunderstood wrong -> Mono.just(ResponseEntity.badRequest().build());
      case Reading.Understood(Query query) ->
          page(viewer, query, new Start.Newest())
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
    integrity.note(viewer.operator().tenants(), verification);
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
