// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.export;

import dev.obolus.audit.AuditRecord;

/** How a record is written for others: one line each. */
public enum Format {
  /** Everything that is needed to check the record, and the record in readable words. */
  EVIDENCE,
  /** OCSF 1.8, API Activity with the AI operation profile. */
  OCSF,
  /** ArcSight's Common Event Format: loses what it has no place for. */
  CEF;

  /** The record as one line, without its end. */
  public String line(AuditRecord record) {
    return switch (this) {
      case EVIDENCE -> Evidence.line(record);
      case OCSF -> Ocsf.line(record);
      case CEF -> Cef.line(record);
    };
  }
}
