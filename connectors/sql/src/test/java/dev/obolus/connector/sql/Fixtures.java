// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.sql;

import dev.obolus.connector.DataRequest;
import java.util.LinkedHashMap;
import java.util.List;

/** Tables like the demo's. */
final class Fixtures {
  static final DataRequest.Limits LIMITS = new DataRequest.Limits(100, 1_000_000);
  static final Catalogue CATALOGUE =
      new Catalogue(
          List.of(
              table(
                  "main.sales.orders",
                  "id bigint",
                  "customer_id bigint",
                  "region string",
                  "email string",
                  "amount decimal(12,2)",
                  "ordered_at timestamp",
                  "paid boolean",
                  "tags array<string>"),
              table(
                  "main.sales.customers",
                  "id bigint",
                  "name string",
                  "email string",
                  "region string"),
              table(
                  "main.hr.salaries",
                  "employee_id bigint",
                  "name string",
                  "salary decimal(12,2)")));

  private Fixtures() {}

  static Table table(String name, String... columns) {
    var typed = new LinkedHashMap<String, String>();
    for (String column : columns) {
      String[] words = column.split(" ", 2);
      typed.put(words[0], words[1]);
    }
    return Table.of(name, typed);
  }
}
