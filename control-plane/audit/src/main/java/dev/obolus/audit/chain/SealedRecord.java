// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.Bytes;
import java.util.List;
import java.util.UUID;

/** A record as it will be stored: sealed, in its place, with its hidden values. */
public record SealedRecord(
    long seq,
    String tenant,
    long tenantSeq,
    UUID eventId,
    String keyId,
    long atMicros,
    EventCode code,
    Bytes canonical,
    Bytes leaf,
    Bytes prevMac,
    Bytes mac,
    Search search,
    List<Personal> personal) {
  public SealedRecord {
    personal = List.copyOf(personal);
  }

  /** How much of the log it takes, near enough: the bytes that a caller can make longer. */
  public int size() {
    return canonical.length() + personal.stream().mapToInt(Personal::length).sum();
  }
}
