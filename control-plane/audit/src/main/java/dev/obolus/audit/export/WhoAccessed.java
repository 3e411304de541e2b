// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.export;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.CanonicalJson;
import dev.obolus.audit.export.LogSource.Permit;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Who was served data that bears a label: people, agents, columns. Goes through the answers of a
 * span by the search column of labels, and takes what it tells from the sealed bytes. Needs memory
 * for what it finds, not for what it reads. Blocks.
 */
public final class WhoAccessed {
  static final int MOST = 100_000;
  private static final int MOST_COLUMNS = 1_000_000;
  private static final int PAGE = 1_000;

  private final LogSource source;
  private final int most;
  private final Map<Who, Access> found = new HashMap<>();
  private int columns;

  public WhoAccessed(LogSource source) {
    this(source, MOST);
  }

  WhoAccessed(LogSource source, int most) {
    this.source = source;
    this.most = most;
  }

  /**
   * One person through one agent.
   *
   * @param person the pseudonym, or {@code -} for an application on its own, or {@code ?} where the
   *     permit is no longer in the log
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
      Instant last) {

    /** As JSON on one line. */
    public String json() {
      Map<String, Object> members = new LinkedHashMap<>();
      Object _ = members.put("person", person);
      Object _ = members.put("agent", agent);
      Object _ = members.put("answers", times);
      Object _ = members.put("first", first);
      Object _ = members.put("last", last);
      Object _ = members.put("columns", List.copyOf(columns));
      return JsonLine.of(members);
    }
  }

  /** More of them than can be told at once: ask for a part of the time. */
  public static final class TooMany extends Exception {
    private static final long serialVersionUID = 1L;

    TooMany(int most) {
      super("more than " + most + " people, agents and columns; narrow it by --since and --until");
    }
  }

  private record Who(String person, String agent) {}

  /**
   * Those who were, the most recent first.
   *
   * @param since the first moment
   * @param until the first one that is too late
   */
  public List<Access> label(String label, Instant since, Instant until)
      throws SQLException, TooMany {
    found.clear();
    columns = 0;
    LogSource.Taker<TooMany> taker =
        page -> {
          Map<ChainId, Map<Long, Permit>> permits = source.permits(page);
          for (AuditRecord served : page) {
            take(served, label, permits);
          }
        };
    source.served(label, since, until, PAGE, taker);
    List<Access> all = new ArrayList<>(found.values());
    all.sort(Comparator.comparing(Access::last).reversed());
    return all;
  }

  private void take(AuditRecord served, String label, Map<ChainId, Map<Long, Permit>> permits)
      throws TooMany {
    SortedSet<String> touched = columns(served, label);
    if (touched.isEmpty()) {
      return;
    }
    Permit permit =
        LogSource.permitOf(served)
            .flatMap(place ->
                Optional.ofNullable(permits.getOrDefault(place.chain(), Map.of()).get(place.seq())))
            .orElse(Permit.GONE);
    Who who = new Who(permit.person(), permit.agent());
    Access before = found.get(who);
    Access now = new Access(who.person(), who.agent(), touched, 1, served.at(), served.at());
    Access both = before == null ? now : both(before, now);
    columns += both.columns().size() - (before == null ? 0 : before.columns().size());
    Access _ = found.put(who, both);
    if (found.size() > most || columns > MOST_COLUMNS) {
      throw new TooMany(most);
    }
  }

  private static Access both(Access one, Access other) {
    SortedSet<String> columns = one.columns();
    boolean _ = columns.addAll(other.columns());
    return new Access(
        one.person(),
        one.agent(),
        columns,
        one.times() + other.times(),
        one.first().isBefore(other.first()) ? one.first() : other.first(),
        one.last().isAfter(other.last()) ? one.last() : other.last());
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
