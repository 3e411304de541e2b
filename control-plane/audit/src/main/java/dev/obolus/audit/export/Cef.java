// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.export;

import dev.obolus.audit.AuditRecord;

/** Common Event Format 0: a header of seven parts, then {@code key=value}. */
final class Cef {
  private Cef() {}

  static String line(AuditRecord record) {
    StringBuilder out =
        new StringBuilder("CEF:0|Obolus|Obolus|1|")
            .append(header(record.code()))
            .append('|')
            .append(header(record.event()))
            .append('|')
            .append(Ocsf.severity(record) * 3)
            .append("|rt=")
            .append(record.at().toEpochMilli());
    add(out, "externalId", record.eventId());
    add(out, "suid", Fields.actor(record));
    add(out, "outcome", Ocsf.success(record) ? "success" : "failure");
    Fields.client(record).ifPresent(client -> add(out, "sourceServiceName", client));
    Fields.text(record, "connector").ifPresent(name -> add(out, "destinationServiceName", name));
    Fields.text(record, "operation")
        .or(() -> Fields.text(record, "action"))
        .ifPresent(name -> add(out, "act", name));
    add(out, "cs1Label", "chain");
    add(out, "cs1", record.chain().toString());
    add(out, "cs2Label", "seq");
    add(out, "cs2", Long.toString(record.seq()));
    add(out, "cs3Label", "leaf");
    add(out, "cs3", record.leaf().hex());
    add(out, "cs4Label", "resources");
    add(out, "cs4", String.join(" ", Fields.texts(record, "resources")));
    add(out, "cs5Label", "reasons");
    add(out, "cs5", String.join(" ", Fields.texts(record, "reasons")));
    add(out, "cs6Label", "tenant");
    add(out, "cs6", record.tenant());
    return out.toString();
  }

  static void add(StringBuilder out, String key, String value) {
    if (!value.isEmpty()) {
      out.append(' ').append(key).append('=').append(extension(value));
    }
  }

  private static String header(String value) {
    return shown(
        value.replace("\\", "\\\\").replace("|", "\\|").replace('\r', ' ').replace('\n', ' '));
  }

  private static String extension(String value) {
    return shown(
        asText(value)
            .replace("\\", "\\\\")
            .replace("=", "\\=")
            .replace("\r", "\\r")
            .replace("\n", "\\n"));
  }

  /** A spreadsheet would take it for a formula. */
  private static String asText(String value) {
    return value.length() > 1 && "=+-@\t\r".indexOf(value.charAt(0)) >= 0 ? "'" + value : value;
  }

  /** Hidden characters spelt out, behind an escaped backslash. */
  private static String shown(String value) {
    StringBuilder out = new StringBuilder(value.length());
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      out.append(Hidden.is(c) ? "\\\\u%04x".formatted((int) c) : Character.toString(c));
    }
    return out.toString();
  }
}
