// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.Personal;
import dev.obolus.audit.chain.SealedRecord;
import dev.obolus.audit.chain.Search;
import dev.obolus.audit.chain.Tag;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** Rows of one chain in PostgreSQL's binary COPY format. Not for several threads. */
final class CopyRows {
  /** The statement that takes them. */
  static final String COPY =
      "COPY obolus.audit_record (epoch, chain, seq, tenant, tenant_seq, event_id, key_id, at_us,"
          + " code, event, effect, decision_id, person, client, connector, resources, reasons,"
          + " canonical, leaf, prev_mac, mac, person_value, statement_value, obligations_value,"
          + " inputs_value, agent, action, action_class, lane, labels, purpose, conversation,"
          + " token_id, revision, took_us)"
          + " FROM STDIN (FORMAT binary)";

  private static final int COLUMNS = 35;
  private static final int TEXT_OID = 25;
  private static final byte[] SIGNATURE = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0
  };
  private static final List<Tag> COMMITTED =
      List.of(Tag.PERSON_VALUE, Tag.STATEMENT, Tag.OBLIGATIONS, Tag.INPUTS);

  private final Chain chain;
  private final RowBytes out;
  private int count;
  private boolean ended;

  /**
   * None yet.
   *
   * @param bytes how many there may come to be
   */
  CopyRows(Chain chain, int bytes) {
    this.chain = chain;
    this.out = new RowBytes(bytes);
    out.put(SIGNATURE);
    out.put64(0);
  }

  static CopyRows of(Chain chain, List<SealedRecord> records) {
    CopyRows rows = new CopyRows(chain, 8 * 1024);
    records.forEach(rows::add);
    return rows;
  }

  void add(SealedRecord record) {
    row(record);
    count++;
  }

  int count() {
    return count;
  }

  int length() {
    return out.length();
  }

  /** All of them, to be sent; none can be added any more. */
  ByteBuffer bytes() {
    if (!ended) {
      out.put16(-1);
      ended = true;
    }
    return out.view();
  }

  private void row(SealedRecord record) {
    Search search = record.search();
    out.put16(COLUMNS);
    out.put32(Integer.BYTES);
    out.put32(chain.epoch());
    out.sized(chain.id().bytes());
    whole(record.seq());
    out.sized(record.tenant());
    whole(record.tenantSeq());
    out.put32(16);
    out.put64(record.eventId().getMostSignificantBits());
    out.put64(record.eventId().getLeastSignificantBits());
    out.sized(record.keyId());
    whole(record.atMicros());
    out.sized(record.code().name());
    out.sized(record.code().event());
    text(search.effect());
    text(search.decisionId());
    out.sized(search.person());
    text(search.client());
    text(search.connector());
    texts(search.resources());
    texts(search.reasons());
    out.sized(record.canonical());
    out.sized(record.leaf());
    out.sized(record.prevMac());
    out.sized(record.mac());
    for (Tag tag : COMMITTED) {
      personal(record, tag);
    }
    text(search.agent());
    text(search.action());
    text(search.actionClass());
    text(search.lane());
    texts(search.labels());
    text(search.purpose());
    text(search.conversation());
    text(search.tokenId());
    text(search.revision());
    if (search.tookMicros().isPresent()) {
      whole(search.tookMicros().getAsLong());
    } else {
      out.put32(-1);
    }
  }

  private void personal(SealedRecord record, Tag tag) {
    for (Personal personal : record.personal()) {
      if (personal.tag() == tag) {
        out.sized(personal.sealed());
        return;
      }
    }
    out.put32(-1);
  }

  private void whole(long value) {
    out.put32(Long.BYTES);
    out.put64(value);
  }

  private void text(Optional<String> value) {
    if (value.isPresent()) {
      out.sized(value.get());
    } else {
      out.put32(-1);
    }
  }

  private void texts(List<String> values) {
    int at = out.length();
    out.put32(0);
    out.put32(values.isEmpty() ? 0 : 1);
    out.put32(0);
    out.put32(TEXT_OID);
    if (!values.isEmpty()) {
      out.put32(values.size());
      out.put32(1);
      for (String value : values) {
        out.sized(value);
      }
    }
    out.set32(at, out.length() - at - Integer.BYTES);
  }
}
