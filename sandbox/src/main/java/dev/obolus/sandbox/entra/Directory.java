// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Who and what exists: fixed ids, so that facts, tests and documents can name them. */
public final class Directory {
  /** The issuer's host is reserved: a gateway that trusts it calls itself a demo. */
  public static final String ISSUER_HOST = "entra.obolus.test";

  public static final String TENANT = id("001");
  public static final String GATEWAY = id("0a1");
  public static final String OPERATOR = id("0a2");
  public static final String CONSOLE = id("0a3");
  public static final String CLI = id("0a4");
  public static final String FINANCE_COPILOT = id("0b1");
  public static final String NIGHTLY_JOB = id("0b2");
  public static final String ROGUE_AGENT = id("0b9");
  public static final String DATABRICKS = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d";

  private static final String SALES_EMEA = id("0d1");
  private static final String SALES_GLOBAL = id("0d2");
  private static final String HR = id("0d3");
  private static final String OPERATORS = id("0d4");

  private static final List<User> USERS =
      List.of(
          user("0c1", "alice", "Alice Marlow", List.of(SALES_EMEA)),
          user("0c2", "bob", "Bob Ferreira", List.of(HR)),
          user("0c3", "olga", "Olga Brandt", List.of(OPERATORS), "Soc"),
          user("0c4", "omar", "Omar Haddad", List.of(OPERATORS), "Soc", "Approver"),
          user("0c5", "paul", "Paul Okafor", List.of(SALES_GLOBAL), "Author"),
          user("0c6", "petra", "Petra Lindqvist", List.of(SALES_GLOBAL), "Author"),
          user("0c7", "ada", "Ada Keller", List.of(), "Auditor"),
          user("0c8", "root-admin", "Root Admin", List.of(OPERATORS), "Admin", "Platform"));

  private static final List<App> APPS =
      List.of(
          new App(GATEWAY, "gateway", Optional.of("api://obolus"), List.of("access_as_user"), true),
          new App(
              OPERATOR,
              "operator",
              Optional.of("api://obolus-operator"),
              List.of("operate"),
              false),
          new App(CONSOLE, "console", Optional.empty(), List.of(), true),
          new App(CLI, "cli", Optional.empty(), List.of(), false),
          new App(FINANCE_COPILOT, "finance-copilot", Optional.empty(), List.of(), true),
          new App(NIGHTLY_JOB, "nightly-job", Optional.empty(), List.of(), true),
          new App(ROGUE_AGENT, "rogue-agent", Optional.empty(), List.of(), true),
          new App(
              DATABRICKS,
              "databricks",
              Optional.of("https://databricks.azure.net"),
              List.of("user_impersonation"),
              false));

  private Directory() {}

  public static List<User> users() {
    return USERS;
  }

  public static List<App> apps() {
    return APPS;
  }

  public static Optional<User> user(String nameOrId) {
    return USERS.stream()
        .filter(user -> user.name().equals(nameOrId) || user.objectId().equals(nameOrId))
        .findFirst();
  }

  public static Optional<App> app(String nameOrId) {
    return APPS.stream()
        .filter(app -> app.name().equals(nameOrId) || app.clientId().equals(nameOrId))
        .findFirst();
  }

  /** The application that a scope such as {@code api://obolus/.default} is for. */
  static Optional<App> resourceOf(String scope) {
    int end = scope.lastIndexOf('/');
    String resource = end < 0 ? "" : scope.substring(0, end);
    return APPS.stream()
        .filter(app -> !app.scopes().isEmpty())
        .filter(app ->
            app.clientId().equals(resource) || app.appIdUri().filter(resource::equals).isPresent())
        .findFirst();
  }

  /** Whether an administrator has let the application ask for tokens for this resource. */
  static boolean isConsented(App client, App resource) {
    return switch (resource.name()) {
      case "gateway" ->
          Set.of("finance-copilot", "nightly-job", "rogue-agent", "cli").contains(client.name());
      // an operator was once tricked into consenting to the rogue agent
      case "operator" -> Set.of("console", "cli", "rogue-agent").contains(client.name());
      case "databricks" -> client.name().equals("gateway");
      default -> false;
    };
  }

  private static User user(
      String number, String name, String display, List<String> groups, String... roles) {
    return new User(id(number), name, display, groups, List.of(roles));
  }

  private static String id(String number) {
    return "0b010500-0000-4000-8000-000000000" + number;
  }

  /**
   * A user.
   *
   * @param operatorRoles app roles at the operator API
   */
  public record User(
      String objectId,
      String name,
      String displayName,
      List<String> groups,
      List<String> operatorRoles) {
    String principalName() {
      return name + "@contoso.example";
    }
  }

  /**
   * An application.
   *
   * @param appIdUri where it is an API
   * @param scopes what it exposes
   * @param confidential it has a secret
   */
  public record App(
      String clientId,
      String name,
      Optional<String> appIdUri,
      List<String> scopes,
      boolean confidential) {
    /** Whether it has this scope, written as a client asks for it. */
    boolean exposes(String scope) {
      String name = scope.substring(scope.lastIndexOf('/') + 1);
      return name.equals(".default") || scopes.contains(name);
    }
  }
}
