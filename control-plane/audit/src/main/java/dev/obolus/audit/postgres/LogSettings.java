// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import java.time.Duration;
import java.util.Map;

/**
 * How a writer behaves.
 *
 * @param origin the log's name, sealed in every record: {@code obolus/<environment>}
 * @param opened what the gateway trusts (issuers, tenants, hosts, profile): sealed in each chain's
 *     first record; no secrets
 * @param queue how many events may wait; more are refused
 * @param batch how many records one commit takes at most
 * @param recordBytes how long a record may be, values included
 * @param patience how long an event may wait to be written
 * @param commitTimeout after which a commit's fate is unknown
 * @param recheck how often the database's safety is looked at again
 * @param requireStandby whether a synchronous standby must be configured
 */
public record LogSettings(
    String origin,
    Map<String, String> opened,
    int queue,
    int batch,
    int recordBytes,
    Duration patience,
    Duration commitTimeout,
    Duration recheck,
    boolean requireStandby) {
  public LogSettings {
    opened = Map.copyOf(opened);
    if (queue < 1 || batch < 1 || recordBytes < 4096) {
      throw new IllegalArgumentException("a queue, a batch and a record need room");
    }
  }

  /** How long a chain may go unheld before a successor ends it. */
  Duration lease() {
    return recheck.multipliedBy(6);
  }

  /** What measurements of {@code COPY} batches suggest; see the reference in the docs. */
  public static LogSettings defaults(String origin, Map<String, String> opened) {
    return new LogSettings(
        origin,
        opened,
        4096,
        256,
        256 * 1024,
        Duration.ofSeconds(2),
        Duration.ofSeconds(5),
        Duration.ofSeconds(5),
        false);
  }

  /** The same, where a synchronous standby must be configured, or need not be. */
  public LogSettings requiringStandby(boolean required) {
    return new LogSettings(
        origin, opened, queue, batch, recordBytes, patience, commitTimeout, recheck, required);
  }
}
