// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.export;

import dev.obolus.audit.AuditRecord;
import java.util.LinkedHashMap;
import java.util.Map;

/** The evidence format, specified in {@code docs/audit-format.md}. */
final class Evidence {
  private Evidence() {}

  static String line(AuditRecord record) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("chain", record.chain().toString());
    line.put("seq", Long.toString(record.seq()));
    line.put("key_id", record.keyId());
    line.put("prev_mac", record.prevMac().hex());
    line.put("mac", record.mac().hex());
    line.put("leaf", record.leaf().hex());
    line.put("canonical", Fields.base64(record.canonical().toArray()));
    line.put("record", Fields.readable(record));
    return JsonLine.of(line);
  }
}
