// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.export;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.CanonicalJson;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Who was served data that bears a label: people, agents, columns. Reads the whole log. Blocks. */
public final class WhoAccessed {
  private static final int PAGE = 1_000;

  private final LogSource source;

  public WhoAccessed(LogSource source) {
    this.source = source;
  }

  /**
   * One person through one agent.
   *
   * @param person the pseudonym, or {@code -} for an application on its own
   * @param agent its registered name, or the client's id
   * @param columns {@code table.column}, or the table's name where the label is the table's
   * @param times how many answers
   */
  public record Access(
      String person,
      String agent,
      SortedSet<String> columns,
      long times,
      Instant first,
      Instant last) {}

  /** Those who were, the most recent first. */
  public List<Access> label(String label) throws SQLException {
    Map<String, AuditRecord> permits = new HashMap<>();
    Map<String, Access> found = new TreeMap<>();
    for (Map.Entry<ChainId, Long> head : source.heads().entrySet()) {
      long at = 0;
      for (List<AuditRecord> page = source.after(head.getKey(), at, PAGE);
          !page.isEmpty();
          page = source.after(head.getKey(), at, PAGE)) {
        for (AuditRecord record : page) {
          take(record, label, permits, found);
        }
        at = page.getLast().seq();
      }
    }
    List<Access> all = new ArrayList<>(found.values());
    all.sort(Comparator.comparing(Access::last).reversed());
    return all;
  }

  /** Permits are remembered until their outcome, which is in the same chain, after them. */
  private static void take(
      AuditRecord record,
      String label,
      Map<String, AuditRecord> permits,
      Map<String, Access> found) {
    String decision = Fields.text(record, "decision_id").orElse("");
    switch (record.event()) {
      case "decided" -> {
        if (record.code().endsWith("A")) {
          AuditRecord _ = permits.put(decision, record);
        }
      }
      case "served" -> {
        AuditRecord permit = permits.remove(decision);
        SortedSet<String> columns = columns(record, label);
        if (permit != null && !columns.isEmpty()) {
          Access _ =
              found.merge(
                  permit.person() + " " + agent(permit),
                  new Access(permit.person(), agent(permit), columns, 1, record.at(), record.at()),
                  WhoAccessed::both);
        }
      }
      case "failed", "cancelled" -> {
        AuditRecord _ = permits.remove(decision);
      }
      default -> {}
    }
  }

  private static Access both(Access one, Access other) {
    SortedSet<String> columns = new TreeSet<>(one.columns());
    columns.addAll(other.columns());
    return new Access(
        one.person(),
        one.agent(),
        columns,
        one.times() + other.times(),
        one.first().isBefore(other.first()) ? one.first() : other.first(),
        one.last().isAfter(other.last()) ? one.last() : other.last());
  }

  private static String agent(AuditRecord permit) {
    return Fields.text(permit, "agent").or(() -> Fields.text(permit, "client")).orElse("-");
  }

  private static SortedSet<String> columns(AuditRecord record, String label) {
    SortedSet<String> columns = new TreeSet<>();
    if (record.fields().get("labels") instanceof Field.Json(String json)
        && CanonicalJson.read(json) instanceof List<?> resources) {
      for (Object resource : resources) {
        if (resource instanceof Map<?, ?> one) {
          columns(one, label, columns);
        }
      }
    }
    return columns;
  }

  private static void columns(Map<?, ?> resource, String label, SortedSet<String> columns) {
    String name = String.valueOf(resource.get("name"));
    if (bears(resource, label)) {
      columns.add(name);
    }
    if (resource.get("columns") instanceof List<?> all) {
      for (Object column : all) {
        if (column instanceof Map<?, ?> one && bears(one, label)) {
          columns.add(name + "." + one.get("name"));
        }
      }
    }
  }

  private static boolean bears(Map<?, ?> labelled, String label) {
    return labelled.get("labels") instanceof List<?> labels && labels.contains(label);
  }
}
