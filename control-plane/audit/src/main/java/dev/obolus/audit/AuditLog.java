// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit;

import reactor.core.publisher.Mono;

/**
 * The log's only door for writing.
 *
 * <p>Guarantees: a receipt means that the event is on disk, in this chain, at this place. Nothing a
 * subscriber does can stop a commit: the writer is never on the subscription. If the log cannot be
 * written, {@link #append} fails with {@link LogUnavailable} and nothing was promised.
 */
public interface AuditLog {

  /**
   * Appends the event; emits its receipt when it is durable. If the subscriber of an allowing
   * {@link AuditEvent.Decided} has gone when the event commits, the log itself appends an {@link
   * AuditEvent.Cancelled} for it.
   */
  Mono<Receipt> append(AuditEvent event);

  /** Appends without anybody waiting: for a caller who has hung up. Refused events are counted. */
  void offer(AuditEvent event);

  /** Why the log took nothing. */
  final class LogUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final Cause cause;

    public LogUnavailable(Cause cause) {
      super("the audit log is unavailable: " + cause, null, false, false);
      this.cause = cause;
    }

    public Cause why() {
      return cause;
    }

    /** The reasons that a caller of the log can act on. */
    public enum Cause {
      /** The queue is full or the event waited too long. */
      OVERLOADED,
      /** The database does not answer, or is unsafe to write to. */
      DATABASE,
      /**
       * The commit's fate is not known yet: treat as not written, it may be found later. Counts
       * ({@link AuditEvent.Rejected}) are the log's from then on: found, or written anew, once.
       */
      UNKNOWN_COMMIT,
      /** Another writer took the chain; a new chain is being opened. */
      FENCED,
      /** An event larger than the log takes. */
      TOO_LARGE,
      CLOSED
    }
  }
}
