// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.Personal;
import dev.obolus.audit.chain.SealedRecord;
import dev.obolus.audit.chain.Search;
import dev.obolus.audit.chain.Tag;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Rows in PostgreSQL's binary COPY format. */
final class CopyRows {
  /** The statement that takes them. */
  static final String COPY =
      "COPY obolus.audit_record (epoch, chain, seq, tenant, tenant_seq, event_id, key_id, at_us,"
          + " code, event, effect, decision_id, person, client, connector, resources, reasons,"
          + " canonical, leaf, prev_mac, mac, person_value, statement_value, obligations_value,"
          + " inputs_value)"
          + " FROM STDIN (FORMAT binary)";

  private static final int COLUMNS = 25;
  private static final int TEXT_OID = 25;
  private static final byte[] SIGNATURE = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0
  };
  private static final List<Tag> COMMITTED =
      List.of(Tag.PERSON_VALUE, Tag.STATEMENT, Tag.OBLIGATIONS, Tag.INPUTS);

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(64 * 1024);
  private final DataOutputStream out = new DataOutputStream(bytes);

  private CopyRows() {}

  static byte[] of(Chain chain, List<SealedRecord> records) {
    CopyRows rows = new CopyRows();
    try {
      rows.out.write(SIGNATURE);
      rows.out.writeInt(0);
      rows.out.writeInt(0);
      for (SealedRecord record : records) {
        rows.row(chain, record);
      }
      rows.out.writeShort(-1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows.bytes.toByteArray();
  }

  private void row(Chain chain, SealedRecord record) throws IOException {
    Search search = record.search();
    out.writeShort(COLUMNS);
    out.writeInt(Integer.BYTES);
    out.writeInt(chain.epoch());
    bytes(chain.id().bytes());
    whole(record.seq());
    text(record.tenant());
    whole(record.tenantSeq());
    out.writeInt(16);
    out.writeLong(record.eventId().getMostSignificantBits());
    out.writeLong(record.eventId().getLeastSignificantBits());
    text(record.keyId());
    whole(record.atMicros());
    text(record.code().name());
    text(record.code().event());
    text(search.effect());
    text(search.decisionId());
    text(search.person());
    text(search.client());
    text(search.connector());
    texts(search.resources());
    texts(search.reasons());
    bytes(record.canonical());
    bytes(record.leaf());
    bytes(record.prevMac());
    bytes(record.mac());
    for (Tag tag : COMMITTED) {
      personal(record, tag);
    }
  }

  private void personal(SealedRecord record, Tag tag) throws IOException {
    for (Personal personal : record.personal()) {
      if (personal.tag() == tag) {
        bytes(personal.sealed());
        return;
      }
    }
    out.writeInt(-1);
  }

  private void whole(long value) throws IOException {
    out.writeInt(Long.BYTES);
    out.writeLong(value);
  }

  private void bytes(Bytes value) throws IOException {
    out.writeInt(value.length());
    out.write(value.toArray());
  }

  private void text(Optional<String> value) throws IOException {
    if (value.isPresent()) {
      text(value.get());
    } else {
      out.writeInt(-1);
    }
  }

  /**
   * PostgreSQL's text holds no NUL: search columns show a replacement, the sealed bytes the truth.
   */
  private void text(String value) throws IOException {
    byte[] utf8 = value.replace('\0', '\uFFFD').getBytes(StandardCharsets.UTF_8);
    out.writeInt(utf8.length);
    out.write(utf8);
  }

  private void texts(List<String> values) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream(64);
    DataOutputStream outer = new DataOutputStream(content);
    outer.writeInt(values.isEmpty() ? 0 : 1);
    outer.writeInt(0);
    outer.writeInt(TEXT_OID);
    if (!values.isEmpty()) {
      outer.writeInt(values.size());
      outer.writeInt(1);
      for (String value : values) {
        byte[] utf8 = value.replace('\0', '\uFFFD').getBytes(StandardCharsets.UTF_8);
        outer.writeInt(utf8.length);
        outer.write(utf8);
      }
    }
    out.writeInt(content.size());
    content.writeTo(out);
  }
}
