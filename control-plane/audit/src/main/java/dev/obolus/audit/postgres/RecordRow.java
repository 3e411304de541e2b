// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.CanonicalReader;
import io.r2dbc.spi.Readable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.UUID;

/** A row of the view {@code audit_log} as a record. */
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
        CanonicalReader.read(canonical.toArray()),
        canonical,
        LogSession.bytes(row, "leaf"),
        LogSession.bytes(row, "mac"),
        LogSession.bytes(row, "prev_mac"));
  }

  private static String text(Readable row, String name) {
    return Objects.requireNonNull(row.get(name, String.class));
  }

  private static long whole(Readable row, String name) {
    return Objects.requireNonNull(row.get(name, Long.class));
  }
}
