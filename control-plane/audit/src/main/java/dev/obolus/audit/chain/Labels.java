// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.AuditEvent;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/**
 * Every label that was touched: of each resource, then of its columns, once, in the order in which
 * they first stand in field 29.
 */
public final class Labels {
  private Labels() {}

  static List<String> of(List<AuditEvent.Resource> resources) {
    SequencedSet<String> labels = new LinkedHashSet<>();
    for (AuditEvent.Resource resource : resources) {
      labels.addAll(resource.labels());
      resource.columns().forEach(column -> labels.addAll(column.labels()));
    }
    return List.copyOf(labels);
  }

  /** Of field 29 as it was sealed; none of a text that is not of its shape. */
  public static List<String> of(String json) {
    SequencedSet<String> labels = new LinkedHashSet<>();
    try {
      collect(CanonicalJson.read(json), labels);
    } catch (IllegalArgumentException notCanonical) {
      return List.of();
    }
    return new ArrayList<>(labels);
  }

  private static void collect(Object part, SequencedSet<String> labels) {
    if (part instanceof List<?> several) {
      several.forEach(one -> collect(one, labels));
    } else if (part instanceof Map<?, ?> labelled) {
      if (labelled.get("labels") instanceof List<?> own) {
        own.forEach(label -> labels.add(String.valueOf(label)));
      }
      collect(labelled.get("columns") instanceof List<?> columns ? columns : List.of(), labels);
    }
  }
}
