// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.dispatch;

import dev.obolus.connector.ConnectorResult.Rows;
import dev.obolus.connector.DataRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The limits, held once more over what a connector answers. */
final class Bounds {
  private Bounds() {}

  /** The rows that fit, in order; what does not fit is cut off and said to be. */
  static Rows cut(Rows answer, DataRequest.Limits limits) {
    int fit = fitting(answer.rows(), limits);
    if (fit == answer.rows().size()) {
      return answer;
    }
    return new Rows(
        answer.columns(), List.copyOf(answer.rows().subList(0, fit)), true, answer.usage());
  }

  private static int fitting(List<List<@Nullable Object>> rows, DataRequest.Limits limits) {
    long bytes = 0;
    int most = Math.min(rows.size(), limits.rows());
    for (int i = 0; i < most; i++) {
      bytes += size(rows.get(i));
      if (bytes > limits.bytes()) {
        return i;
      }
    }
    return most;
  }

  private static long size(List<@Nullable Object> row) {
    long bytes = 0;
    for (Object value : row) {
      bytes += value instanceof String text ? utf8Length(text) : 16;
    }
    return bytes;
  }

  private static long utf8Length(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      bytes += unit < 0x80 ? 1 : unit < 0x800 || Character.isSurrogate(unit) ? 2 : 3;
    }
    return bytes;
  }
}
