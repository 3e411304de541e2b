// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import dev.obolus.connector.DataRequest;
import java.util.List;

/**
 * A statement and the values of its named parameters.
 *
 * @param text names each parameter as {@code :name}
 * @param columns the names of the answer's columns where they are known, else empty
 * @param limits how much may be answered; the text asks for one row more, so that truncation shows
 */
public record BoundStatement(
    String text, List<Parameter> parameters, List<String> columns, DataRequest.Limits limits) {
  public BoundStatement {
    parameters = List.copyOf(parameters);
    columns = List.copyOf(columns);
  }

  /**
   * @param type the source's name of the type, such as {@code STRING}
   */
  public record Parameter(String name, String value, String type) {}

  /** For the record: the text with the values below it. Personal, like the text. */
  String described() {
    var text = new StringBuilder(this.text);
    for (Parameter parameter : parameters) {
      text.append('\n').append(':').append(parameter.name()).append(' ').append(parameter.type());
      text.append(" = ").append(parameter.value());
    }
    return text.toString();
  }
}
