// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.util.List;

/**
 * Something that an agent asks the gateway for.
 *
 * @param who the person, or the client for itself
 * @param what in a few words, for the terminal
 * @param body the request, as JSON
 */
record Errand(String who, String agent, String what, String body) {
  private static final String FINANCE = "finance-copilot";

  /** One round of the scripted agents: every outcome at least once, answers more than refusals. */
  static List<Errand> round() {
    return List.of(
        query(
            "alice", "the newest orders", orders("[\"id\",\"product\",\"amount\",\"region\"]", 20)),
        query("bob", "the same orders", orders("[\"id\",\"product\",\"amount\",\"region\"]", 20)),
        query("alice", "orders with e-mails", orders("[\"id\",\"email\",\"region\"]", 10)),
        sql("alice", "SELECT 1; DELETE FROM main.sales.orders"),
        query(
            "alice", "the forecast", table("main.sales.forecast", "[\"quarter\",\"amount\"]", 10)),
        sql("alice", "SELECT id, amount FROM main.sales.orders ORDER BY amount DESC LIMIT 5"),
        query("nightly-job", "orders, for no person", orders("[\"id\",\"amount\"]", 5)),
        query("alice", "large orders", largeOrders()),
        sql("alice", "DELETE FROM main.sales.orders"),
        query(
            "alice",
            "customers",
            table("main.sales.customers", "[\"id\",\"name\",\"email\",\"region\"]", 15)),
        sql("alice", "EXECUTE IMMEDIATE 'DROP TABLE main.sales.orders'"),
        query(
            "alice", "everybody's salary", table("main.hr.salaries", "[\"name\",\"salary\"]", 100)),
        query("alice", "orders by status", orders("[\"id\",\"status\",\"ordered_at\"]", 30)),
        query("bob", "the forecast", table("main.sales.forecast", "[\"quarter\"]", 10)),
        withoutPurpose("alice", "customers, without a purpose"),
        query("alice", "a column there is not", orders("[\"id\",\"margin\"]", 5)));
  }

  private static Errand query(String who, String what, String arguments) {
    return new Errand(who, FINANCE, what, request("query", "quarterly-report", arguments));
  }

  private static Errand withoutPurpose(String who, String what) {
    return new Errand(
        who,
        FINANCE,
        what,
        "{\"connector\":\"databricks-sales\",\"operation\":\"query\",\"arguments\":"
            + table("main.sales.customers", "[\"id\",\"email\"]", 5)
            + "}");
  }

  private static Errand sql(String who, String statement) {
    return new Errand(
        who,
        FINANCE,
        statement,
        request("sql", "quarterly-report", "{\"statement\":\"" + statement + "\"}"));
  }

  static String request(String operation, String purpose, String arguments) {
    return "{\"connector\":\"databricks-sales\",\"operation\":\""
        + operation
        + "\",\"purpose\":\""
        + purpose
        + "\",\"arguments\":"
        + arguments
        + "}";
  }

  private static String orders(String columns, int limit) {
    return table("main.sales.orders", columns, limit);
  }

  private static String largeOrders() {
    return "{\"table\":\"main.sales.orders\",\"columns\":[\"id\",\"amount\",\"region\"],"
        + "\"filter\":{\"type\":\"field\",\"operator\":\"gt\",\"field\":\"amount\",\"value\":500},"
        + "\"order\":[{\"column\":\"amount\",\"direction\":\"desc\"}],\"limit\":25}";
  }

  private static String table(String name, String columns, int limit) {
    return "{\"table\":\"" + name + "\",\"columns\":" + columns + ",\"limit\":" + limit + "}";
  }
}
