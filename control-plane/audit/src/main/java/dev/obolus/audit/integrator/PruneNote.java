// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.CanonicalReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a sealed prune says, as the text of a note: specified in {@code docs/audit-format.md}. */
final class PruneNote {
  private static final String CODE = "OBO3004A";

  private PruneNote() {}

  /** The text, if the record is one of a prune. */
  static Optional<String> of(String origin, ChainId chain, TreeStore.Row row) {
    if (!row.code().equals(CODE)) {
      return Optional.empty();
    }
    Map<String, Field> fields = CanonicalReader.read(row.canonical());
    List<String> lines = new ArrayList<>();
    lines.add("obolus-prune/v1");
    lines.add("origin " + origin);
    lines.add("record " + chain + " " + row.seq() + " " + Bytes.of(row.leaf()).hex());
    lines.add("epoch " + whole(fields, "pruned_epoch"));
    lines.add("tenants " + String.join(" ", texts(fields, "pruned_tenants")));
    lines.add("tree " + text(fields, "pruned_tree"));
    lines.add("retention " + text(fields, "retention"));
    lines.add("approvers " + String.join(" ", texts(fields, "approvers")));
    lines.add("export " + text(fields, "export_sha256") + " " + text(fields, "export"));
    texts(fields, "pruned_chains").forEach(line -> lines.add("chain " + line));
    return Optional.of(String.join("\n", lines) + "\n");
  }

  private static String text(Map<String, Field> fields, String name) {
    return fields.get(name) instanceof Field.Text(String text) ? text : "-";
  }

  private static long whole(Map<String, Field> fields, String name) {
    return fields.get(name) instanceof Field.Whole(long whole) ? whole : 0;
  }

  private static List<String> texts(Map<String, Field> fields, String name) {
    return fields.get(name) instanceof Field.Texts(List<String> texts) ? texts : List.of();
  }
}
