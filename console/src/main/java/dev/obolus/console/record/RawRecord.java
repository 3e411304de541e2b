// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.record;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.AuditRecord.Field;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A record as data: what the log holds of it and may be shown. */
record RawRecord(
    String chain,
    long seq,
    String tenant,
    long tenantSeq,
    String eventId,
    String keyId,
    String code,
    String event,
    String person,
    Instant at,
    Map<String, Object> fields,
    String canonical,
    String leaf,
    String mac,
    String prevMac) {

  static RawRecord of(AuditRecord record) {
    var fields = new LinkedHashMap<String, Object>();
    record.fields().forEach((name, field) -> fields.put(name, plain(field)));
    return new RawRecord(
        record.chain().toString(),
        record.seq(),
        record.tenant(),
        record.tenantSeq(),
        record.eventId(),
        record.keyId(),
        record.code(),
        record.event(),
        record.person(),
        record.at(),
        fields,
        record.canonical().hex(),
        record.leaf().hex(),
        record.mac().hex(),
        record.prevMac().hex());
  }

  private static Object plain(Field field) {
    return switch (field) {
      case Field.Text(var value) -> value;
      case Field.Whole(var value) -> value;
      case Field.Texts(var values) -> values;
      case Field.Json(var value) -> JsonMapper.shared().readTree(value);
      case Field.Committed(var commitment) -> Map.of("committed", commitment.hex());
    };
  }
}
