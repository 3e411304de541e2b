// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.live;

import dev.obolus.audit.query.Query;
import dev.obolus.audit.query.QueryGrammar;
import dev.obolus.audit.query.Reading;
import dev.obolus.console.live.Frames.Group;
import dev.obolus.console.live.Tail.Position;
import dev.obolus.console.signin.Viewer;
import dev.obolus.console.signin.Viewers;
import java.time.Clock;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The stream behind the live page. */
@RestController
final class StreamController {
  private static final String BUSY_SECONDS = "5";

  private final Viewers viewers;
  private final Streams streams;
  private final Seats seats;
  private final Clock clock;

  StreamController(Viewers viewers, Streams streams, Seats seats, Clock clock) {
    this.viewers = viewers;
    this.streams = streams;
    this.seats = seats;
    this.clock = clock;
  }

  @GetMapping("/stream")
  Mono<ResponseEntity<Flux<ServerSentEvent<String>>>> stream(
      ServerWebExchange exchange,
      @RequestParam(defaultValue = "") String q,
      @RequestParam(defaultValue = "") String after,
      @RequestHeader(name = "Last-Event-ID", defaultValue = "") String last) {
    return viewers
        .of(exchange)
        .map(viewer -> answer(viewer, q, Position.parse(last.isEmpty() ? after : last)));
  }

  private ResponseEntity<Flux<ServerSentEvent<String>>> answer(
      Viewer viewer, String q, Optional<Position> after) {
    var now = clock.instant();
    return switch (QueryGrammar.read(q, now, viewer.people()::pseudonyms)) {
      case Reading.Misunderstood wrong -> ResponseEntity.badRequest().build();
      case Reading.Understood(Query query) -> seated(viewer, query.onwards(now), after);
    };
  }

  private ResponseEntity<Flux<ServerSentEvent<String>>> seated(
      Viewer viewer, Query query, Optional<Position> after) {
    var operator = viewer.operator();
    if (!seats.take(operator.id())) {
      return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE)
          .header("Retry-After", BUSY_SECONDS)
          .build();
    }
    return ResponseEntity.ok()
        .contentType(MediaType.TEXT_EVENT_STREAM)
        .header("X-Accel-Buffering", "no")
        .body(
            streams
                .open(viewer, new Group(operator.tenants(), query), after)
                .doFinally(end -> seats.leave(operator.id())));
  }
}
