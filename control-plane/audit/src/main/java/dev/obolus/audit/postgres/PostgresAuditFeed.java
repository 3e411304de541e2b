// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditFeed;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.postgres.PostgresAuditReader.Place;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Flux;

/**
 * Follows all chains. What this process commits is told from memory; what others do is found by
 * asking for the heads of chains, at once when a hint says that one has grown, and every so often
 * in any case. A chain's records become visible in order, since its writer has one commit under
 * way; so what is after the last one seen is all that is new.
 *
 * <p>Memory and hints only make it sooner: whatever either leaves out is found by asking.
 */
final class PostgresAuditFeed implements AuditFeed {
  private static final int PAGE = 500;
  private static final long INBOX_BYTES = 8 << 20;

  /** So many chains have their turn before the heads may be asked for again. */
  private static final int CHAINS = 16;

  /** Hints do not make us ask more often than this. */
  private static final Duration APART = Duration.ofMillis(50);

  /** How often all heads are asked for: what opened and ended unseen is found then. */
  private static final Duration ALL = Duration.ofMinutes(1);

  /** From how many chains hints are remembered between two looks; of more, one is enough. */
  private static final int MOST_HINTS = 64;

  private final PostgresAuditReader reader;
  private final Committed own;
  private final HintListener listener;
  private final Pace pace;
  private final long inboxBytes;

  /**
   * How often the heads are asked for.
   *
   * @param unhinted where hints are not known to come
   * @param hinted where they do
   */
  record Pace(Duration unhinted, Duration hinted) {
    static final Pace USUAL = new Pace(Duration.ofMillis(200), Duration.ofSeconds(1));
  }

  PostgresAuditFeed(PostgresAuditReader reader, Committed own, HintListener listener, Pace pace) {
    this(reader, own, listener, pace, INBOX_BYTES);
  }

  PostgresAuditFeed(
      PostgresAuditReader reader,
      Committed own,
      HintListener listener,
      Pace pace,
      long inboxBytes) {
    this.reader = reader;
    this.own = own;
    this.listener = listener;
    this.pace = pace;
    this.inboxBytes = inboxBytes;
  }

  @Override
  public Flux<AuditRecord> follow(Map<ChainId, Long> after) {
    return Flux.using(() -> new Follower(after), Follower::follow, Follower::leave);
  }

  /** One subscriber's places; one thing at a time. */
  private final class Follower {
    private final Bell bell = new Bell();
    private final Inbox inbox = new Inbox(bell, inboxBytes);
    private final Map<ChainId, Long> heard = new ConcurrentHashMap<>();
    private final Map<ChainId, Long> seen;

    /** Chains that may still grow, as we know. */
    private final Set<ChainId> open = new HashSet<>();

    /** Chains that a hint has told of since we asked last. */
    private final Set<ChainId> hinted = new HashSet<>();

    /** Open chains that have grown without a hint, and not been hinted at since. */
    private final Set<ChainId> unhinted = new HashSet<>();

    /** What is in the database and not read yet. */
    private final Map<ChainId, Place> behind = new LinkedHashMap<>();

    private boolean started;
    private boolean pressing;
    private long asked;
    private long askedAll;

    Follower(Map<ChainId, Long> after) {
      this.seen = new HashMap<>(after);
      own.join(inbox);
    }

    void leave() {
      own.leave(inbox);
    }

    Flux<AuditRecord> follow() {
      Flux<AuditRecord> records =
          Flux.defer(this::round)
              .repeatWhen(ends -> ends.concatMap(_ -> bell.next(untilNext()), 1));
      return Flux.merge(
          records, listener.hints().doOnNext(this::hear).concatMap(_ -> Flux.empty()));
    }

    /** On the listener's thread. */
    private void hear(Hint hint) {
      if (heard.size() < MOST_HINTS || heard.containsKey(hint.chain())) {
        heard.merge(hint.chain(), hint.seq(), Math::max);
      }
      bell.ring();
    }

    private Duration untilNext() {
      return behind.isEmpty() ? untilDue() : Duration.ZERO;
    }

    private Flux<AuditRecord> round() {
      return Flux.concat(
          Flux.defer(this::told), Flux.defer(this::askIfDue), Flux.defer(this::read));
    }

    /** What this process has committed. */
    private Flux<AuditRecord> told() {
      return Flux.fromIterable(inbox.take()).concatMap(this::told, 1);
    }

    private Flux<AuditRecord> told(Inbox.Batch batch) {
      unhinted.remove(batch.chain());
      if (batch.first() > seenOf(batch.chain()) + 1) {
        isBehind(new Place(batch.chain(), batch.last(), false));
        return Flux.empty();
      }
      return Flux.fromIterable(batch.records())
          .filter(record -> record.seq() > seenOf(batch.chain()))
          .map(record -> RecordRow.of(batch.chain(), record))
          .doOnNext(this::note);
    }

    private Duration untilDue() {
      notice();
      if (!started) {
        return Duration.ZERO;
      }
      Duration wait = pressing() ? APART : interval();
      return Duration.ofNanos(Math.max(0, asked + wait.toNanos() - System.nanoTime()));
    }

    /** Takes notice of the hints that came, and of what the inbox could not hold. */
    private void notice() {
      pressing |= inbox.missed();
      for (ChainId chain : List.copyOf(heard.keySet())) {
        Long seq = heard.remove(chain);
        unhinted.remove(chain);
        if (seq != null && seq > seenOf(chain)) {
          hinted.add(chain);
        }
      }
    }

    private boolean pressing() {
      return pressing || !hinted.isEmpty();
    }

    private Duration interval() {
      return listener.heard() && unhinted.isEmpty() ? pace.hinted() : pace.unhinted();
    }

    private Flux<AuditRecord> askIfDue() {
      return untilDue().isZero() ? ask() : Flux.empty();
    }

    private Flux<AuditRecord> ask() {
      asked = System.nanoTime();
      boolean all = !started || asked - askedAll >= ALL.toNanos();
      askedAll = all ? asked : askedAll;
      started = true;
      pressing = false;
      Set<ChainId> unfinished = new HashSet<>(open);
      unfinished.addAll(behind.keySet());
      return (all ? reader.places() : reader.placesOf(unfinished))
          .doOnNext(places -> places.forEach(this::sort))
          .doOnNext(_ -> hinted.clear())
          .thenMany(Flux.empty());
    }

    private void sort(Place place) {
      ChainId chain = place.chain();
      boolean grown = place.seq() > seenOf(chain);
      if (grown) {
        isBehind(place);
      }
      if (place.ended()) {
        open.remove(chain);
        unhinted.remove(chain);
      } else if (open.add(chain) || grown) {
        if (grown && !hinted.contains(chain)) {
          unhinted.add(chain);
        }
      }
    }

    /**
     * A page of some chains that are behind; what is behind then has its turn in the next round.
     */
    private Flux<AuditRecord> read() {
      return Flux.fromIterable(behind.values().stream().limit(CHAINS).toList())
          .concatMap(place -> page(place).concatWith(Flux.defer(this::told)), 1);
    }

    private Flux<AuditRecord> page(Place to) {
      return reader
          .after(to.chain(), seenOf(to.chain()), PAGE)
          .collectList()
          .flatMapMany(page ->
              Flux.fromIterable(page).doOnNext(this::note).doOnComplete(() -> read(to, page)));
    }

    private void read(Place to, List<AuditRecord> page) {
      behind.remove(to.chain(), to);
      boolean more = page.size() == PAGE;
      if (more && seenOf(to.chain()) < to.seq()) {
        isBehind(to);
      } else if (!more && to.ended()) {
        seen.merge(to.chain(), to.seq(), Math::max); // the rest was pruned
      }
    }

    private void isBehind(Place place) {
      behind.merge(place.chain(), place, (one, other) -> one.seq() > other.seq() ? one : other);
    }

    private void note(AuditRecord record) {
      seen.put(record.chain(), record.seq());
    }

    private long seenOf(ChainId chain) {
      return seen.getOrDefault(chain, 0L);
    }
  }
}
