// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.CanonicalReader;
import dev.obolus.audit.chain.SealedRecord;
import io.r2dbc.spi.Readable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.UUID;

/** A row of the view {@code audit_log}, or what became one, as a record. */
final class RecordRow {
  static final String COLUMNS =
      "chain, seq, tenant, tenant_seq, event_id, key_id, at_us, code, event, person, canonical,"
          + " leaf, prev_mac, mac";

  private RecordRow() {}

  static AuditRecord read(Readable row) {
    Bytes canonical = LogSession.bytes(row, "canonical");
    return new AuditRecord(
        new ChainId(LogSession.bytes(row, "chain")),
        whole(row, "seq"),
        text(row, "tenant"),
        whole(row, "tenant_seq"),
        Objects.requireNonNull(row.get("event_id", UUID.class)).toString(),
        text(row, "key_id"),
        text(row, "code"),
        text(row, "event"),
        text(row, "person"),
        Instant.EPOCH.plus(whole(row, "at_us"), ChronoUnit.MICROS),
        CanonicalReader.shown(canonical.toArray()),
        canonical,
        LogSession.bytes(row, "leaf"),
        LogSession.bytes(row, "mac"),
        LogSession.bytes(row, "prev_mac"));
  }

  /** The same record as {@link #read} makes of its row. */
  static AuditRecord of(ChainId chain, SealedRecord sealed) {
    return new AuditRecord(
        chain,
        sealed.seq(),
        sealed.tenant(),
        sealed.tenantSeq(),
        sealed.eventId().toString(),
        sealed.keyId(),
        sealed.code().name(),
        sealed.code().event(),
        sealed.search().person(),
        Instant.EPOCH.plus(sealed.atMicros(), ChronoUnit.MICROS),
        CanonicalReader.read(sealed.canonical().toArray()),
        sealed.canonical(),
        sealed.leaf(),
        sealed.mac(),
        sealed.prevMac());
  }

  private static String text(Readable row, String name) {
    return Objects.requireNonNull(row.get(name, String.class));
  }

  private static long whole(Readable row, String name) {
    return Objects.requireNonNull(row.get(name, Long.class));
  }
}
