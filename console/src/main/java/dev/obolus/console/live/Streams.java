// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.live;

import dev.obolus.console.live.Frames.Frame;
import dev.obolus.console.live.Frames.Group;
import dev.obolus.console.live.Tail.Position;
import dev.obolus.console.reading.Moments;
import dev.obolus.console.signin.Sentences;
import dev.obolus.console.signin.Viewer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.http.codec.ServerSentEvent;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * A viewer's stream of frames. A viewer who reads too slowly, or comes back, is caught up from the
 * ring; what has left the ring is announced as a gap. It ends with the session.
 */
final class Streams {
  static final Duration HEARTBEAT = Duration.ofSeconds(15);
  static final int CATCH_UP = 500;
  private static final Duration RETRY = Duration.ofSeconds(2);
  private static final int JITTER_MILLIS = 1_000;

  private final Tail tail;
  private final Frames frames;
  private final Sentences sentences;
  private final Scheduler timer;
  private final Clock clock;

  Streams(Tail tail, Frames frames, Sentences sentences, Scheduler timer, Clock clock) {
    this.tail = tail;
    this.frames = frames;
    this.sentences = sentences;
    this.timer = timer;
    this.clock = clock;
  }

  /** Frames after the position, until the session ends or the console stops. */
  Flux<ServerSentEvent<String>> open(Viewer viewer, Group group, Optional<Position> after) {
    var viewing = new Viewing(viewer, group, after.orElseGet(tail::position));
    var live = frames.of(group).onBackpressureLatest().concatMapIterable(viewing::events, 1);
    return Flux.merge(hello(), live, heartbeats(), learning(viewer))
        .takeUntilOther(end(viewer))
        .concatWith(Mono.fromSupplier(() -> bye(viewer)));
  }

  private Flux<ServerSentEvent<String>> hello() {
    int jitter = java.util.concurrent.ThreadLocalRandom.current().nextInt(JITTER_MILLIS);
    return Flux.just(
        ServerSentEvent.<String>builder().retry(RETRY.plusMillis(jitter)).comment("hello").build());
  }

  private Flux<ServerSentEvent<String>> heartbeats() {
    return Flux.interval(HEARTBEAT, timer)
        .onBackpressureDrop()
        .map(i -> ServerSentEvent.<String>builder().comment("still here").build());
  }

  /** Sends nothing: the sentences in later frames are those of the active revision. */
  private Flux<ServerSentEvent<String>> learning(Viewer viewer) {
    return Flux.interval(Sentences.BETWEEN, timer)
        .onBackpressureDrop()
        .concatMap(i -> sentences.current(viewer).flatMap(same -> Mono.empty()), 1);
  }

  /** Whichever comes first: the token ends, the operator signs out, the console stops. */
  private Mono<?> end(Viewer viewer) {
    var left = Duration.between(clock.instant(), viewer.operator().until());
    var signedOut =
        Flux.interval(HEARTBEAT, timer)
            .onBackpressureDrop()
            .filter(i -> viewer.session().isExpired())
            .next();
    return Mono.firstWithSignal(
        Mono.delay(left.isNegative() ? Duration.ZERO : left, timer), signedOut, tail.closing());
  }

  private ServerSentEvent<String> bye(Viewer viewer) {
    boolean over =
        viewer.session().isExpired() || !viewer.operator().until().isAfter(clock.instant());
    return event("bye", over ? "{\"why\":\"session\"}" : "{\"why\":\"restart\"}");
  }

  private static ServerSentEvent<String> event(String name, String data) {
    return ServerSentEvent.<String>builder().event(name).data(data).build();
  }

  /** How far one viewer has seen. Used by one stream, one event at a time. */
  private final class Viewing {
    private final Viewer viewer;
    private final Group group;
    private Position seen;
    private Optional<String> state = Optional.empty();

    Viewing(Viewer viewer, Group group, Position seen) {
      this.viewer = viewer;
      this.group = group;
      this.seen = seen;
    }

    List<ServerSentEvent<String>> events(Frame frame) {
      var events = new ArrayList<ServerSentEvent<String>>();
      state(frame).ifPresent(events::add);
      (follows(frame) ? frame.json().map(json -> rows(frame, json)) : caughtUp(frame))
          .ifPresent(events::add);
      seen = tail.at(frame.to());
      return events;
    }

    private boolean follows(Frame frame) {
      return seen.equals(tail.at(frame.from()));
    }

    private Optional<ServerSentEvent<String>> state(Frame frame) {
      var now = frame.staleSince().map(Moments::second).orElse("");
      if (state.filter(now::equals).isPresent()) {
        return Optional.empty();
      }
      state = Optional.of(now);
      return Optional.of(event("state", "{\"stale\":\"" + now + "\"}"));
    }

    private ServerSentEvent<String> rows(Frame frame, String json) {
      return ServerSentEvent.<String>builder()
          .id(tail.at(frame.to()).toString())
          .data(viewer.people().named(json))
          .build();
    }

    private Optional<ServerSentEvent<String>> caughtUp(Frame frame) {
      var missed = tail.since(seen, frame.to());
      if (missed.isEmpty()) {
        return Optional.of(gap(frame, "{}"));
      }
      var matching = missed.get().stream().filter(group::shows).toList();
      return matching.size() > CATCH_UP
          ? Optional.of(gap(frame, "{\"count\":" + matching.size() + "}"))
          : frames.body(matching, frame.to(), CATCH_UP).map(json -> rows(frame, json));
    }

    private ServerSentEvent<String> gap(Frame frame, String data) {
      return ServerSentEvent.<String>builder()
          .id(tail.at(frame.to()).toString())
          .event("gap")
          .data(data)
          .build();
    }
  }
}
