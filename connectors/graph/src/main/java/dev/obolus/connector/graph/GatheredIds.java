// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.graph;

import dev.obolus.connector.ConnectorFailure.Malformed;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.ConnectorResult.Column;
import dev.obolus.connector.ConnectorResult.Rows;
import dev.obolus.connector.ConnectorResult.Usage;
import dev.obolus.connector.DataRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Ids from one page after another, as long as they fit. */
final class GatheredIds {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9-]{1,64}");
  private static final List<Column> COLUMNS = List.of(new Column("id", "STRING"));

  private final DataRequest.Limits limits;
  private final List<List<@Nullable Object>> rows = new ArrayList<>();
  private long bytes;
  private boolean truncated;

  GatheredIds(DataRequest.Limits limits) {
    this.limits = limits;
  }

  /** Whether all of the page fitted. */
  boolean take(JsonNode page) {
    JsonNode ids = page.path("value");
    if (!ids.isArray()) {
      throw new GraphFailure(new Malformed("value"));
    }
    for (JsonNode id : ids) {
      take(id.isString() ? id.stringValue() : "");
    }
    return !truncated;
  }

  private void take(String id) {
    if (!ID.matcher(id).matches()) {
      throw new GraphFailure(new Malformed("id"));
    }
    truncated = truncated || rows.size() == limits.rows() || bytes + id.length() > limits.bytes();
    if (!truncated) {
      rows.add(List.of(id));
      bytes += id.length();
    }
  }

  ConnectorResult rows() {
    return new Rows(COLUMNS, rows, truncated, new Usage(rows.size(), bytes));
  }
}
