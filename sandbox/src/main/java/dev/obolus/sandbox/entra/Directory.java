// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who and what exists: fixed ids, so that facts, tests and documents can name them. What can change
 * about them is in {@link Standing}.
 */
public final class Directory {
  /** The issuer's host is reserved: a gateway that trusts it calls itself a demo. */
  public static final String ISSUER_HOST = "entra.obolus.test";

  /** The home tenant, where the gateway is registered. */
  public static final String TENANT = id("001");

  /** Its members are guests at home; the gateway is installed there too. */
  public static final String PARTNER = id("002");

  /** Nobody there is known to anybody; the gateway is not installed. */
  public static final String FOREIGN = id("003");

  /** Where Microsoft's consumer accounts live, in every cloud's keys document. */
  public static final String CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad";

  public static final String GATEWAY = id("0a1");
  public static final String OPERATOR = id("0a2");
  public static final String CONSOLE = id("0a3");
  public static final String CLI = id("0a4");

  /** A managed identity whose tokens the gateway's registration takes as its client assertion. */
  public static final String GATEWAY_IDENTITY = id("0a5");

  public static final String FINANCE_COPILOT = id("0b1");
  public static final String NIGHTLY_JOB = id("0b2");

  /** An agent identity blueprint, and the agent identity made from it. */
  public static final String TRAVEL_BLUEPRINT = id("0b3");

  public static final String TRAVEL_AGENT = id("0b4");
  public static final String ROGUE_AGENT = id("0b9");
  public static final String DATABRICKS = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d";
  public static final String GRAPH = "00000003-0000-0000-c000-000000000000";

  /** The audience of tokens that serve as client assertions. */
  public static final String TOKEN_EXCHANGE = "fb60f99c-7a34-4190-8149-302f77469936";

  public static final String KEY_VAULT = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093";

  /** Azure Monitor, by an id of our own. */
  public static final String MONITOR = id("0f1");

  private static final String SALES_EMEA = id("0d1");
  private static final String SALES_GLOBAL = id("0d2");
  private static final String HR = id("0d3");
  private static final String OPERATORS = id("0d4");
  private static final String PARTNERS_SALES = id("0d5");

  private static final List<Tenant> TENANTS =
      List.of(
          new Tenant(TENANT, "home", "contoso.example"),
          new Tenant(PARTNER, "partner", "fabrikam.example"),
          new Tenant(FOREIGN, "foreign", "northwind.example"));

  private static final List<User> USERS =
      List.of(
          member("0c1", "alice", "Alice Marlow", List.of(SALES_EMEA)),
          member("0c2", "bob", "Bob Ferreira", List.of(HR)),
          member("0c3", "olga", "Olga Brandt", List.of(OPERATORS), "Soc"),
          member("0c4", "omar", "Omar Haddad", List.of(OPERATORS), "Soc", "Approver"),
          member("0c5", "paul", "Paul Okafor", List.of(SALES_GLOBAL), "Author"),
          member("0c6", "petra", "Petra Lindqvist", List.of(SALES_GLOBAL), "Author"),
          member("0c7", "ada", "Ada Keller", List.of(), "Auditor"),
          member("0c8", "root-admin", "Root Admin", List.of(OPERATORS), "Admin", "Platform"),
          new User(
              id("0e1"),
              "gina",
              "Gina Rossi",
              PARTNER,
              "",
              Kind.MEMBER,
              List.of(PARTNERS_SALES),
              List.of("Admin")),
          new User(
              id("0e2"),
              "gina-guest",
              "Gina Rossi",
              TENANT,
              "gina",
              Kind.GUEST,
              List.of(SALES_EMEA),
              List.of()),
          new User(
              id("0e3"), "frank", "Frank Ostrow", FOREIGN, "", Kind.MEMBER, List.of(), List.of()),
          new User(
              id("0e4"),
              "travel-agent-user",
              "Travel Agent",
              TENANT,
              "",
              Kind.AGENT_USER,
              List.of(),
              List.of()));

  private static final List<App> APPS =
      List.of(
          App.of(GATEWAY, "gateway").api("api://obolus", "access_as_user").keeping().in(PARTNER),
          App.of(OPERATOR, "operator").api("api://obolus-operator", "operate").in(PARTNER),
          App.of(CONSOLE, "console").keeping().signingIn().in(PARTNER),
          App.of(CLI, "cli").signingIn().in(PARTNER, FOREIGN),
          App.of(GATEWAY_IDENTITY, "gateway-identity"),
          App.of(FINANCE_COPILOT, "finance-copilot").keeping().signingIn().in(PARTNER, FOREIGN),
          App.of(NIGHTLY_JOB, "nightly-job").keeping(),
          App.of(TRAVEL_BLUEPRINT, "travel-blueprint")
              .api("api://travel-blueprint", "access_as_user")
              .keeping(),
          App.of(TRAVEL_AGENT, "travel-agent").madeFrom(TRAVEL_BLUEPRINT),
          App.of(ROGUE_AGENT, "rogue-agent").keeping().signingIn(),
          App.of(DATABRICKS, "databricks")
              .api("https://databricks.azure.net", "user_impersonation")
              .in(PARTNER, FOREIGN),
          App.of(GRAPH, "graph")
              .api("https://graph.microsoft.com", "User.Read", "GroupMember.Read.All")
              .in(PARTNER, FOREIGN),
          App.of(TOKEN_EXCHANGE, "token-exchange").api("api://AzureADTokenExchange"),
          App.of(KEY_VAULT, "key-vault").api("https://vault.azure.net", "user_impersonation"),
          App.of(MONITOR, "monitor").api("https://monitor.azure.com", "user_impersonation"));

  private Directory() {}

  public static List<Tenant> tenants() {
    return TENANTS;
  }

  /** Everybody, of every tenant; a guest is a user of the tenant that invited him. */
  public static List<User> users() {
    return USERS;
  }

  public static List<App> apps() {
    return APPS;
  }

  public static Optional<Tenant> tenant(String nameOrId) {
    return TENANTS.stream()
        .filter(tenant -> tenant.name().equals(nameOrId) || tenant.id().equals(nameOrId))
        .findFirst();
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

  /** The API that this client id or App ID URI names, with or without a slash at its end. */
  public static Optional<App> api(String resource) {
    String name = resource.endsWith("/") ? resource.substring(0, resource.length() - 1) : resource;
    return APPS.stream()
        .filter(App::isApi)
        .filter(
            app -> app.clientId().equals(name) || app.appIdUri().filter(name::equals).isPresent())
        .findFirst();
  }

  /** Whether an administrator has let the application ask for tokens for this API, at the start. */
  static boolean isConsentedAtFirst(App client, App resource) {
    return switch (resource.name()) {
      case "gateway" ->
          Set.of("finance-copilot", "nightly-job", "rogue-agent", "cli", "travel-agent")
              .contains(client.name());
      // an operator was once tricked into consenting to the rogue agent
      case "operator" -> Set.of("console", "cli", "rogue-agent").contains(client.name());
      case "databricks" -> Set.of("gateway", "travel-agent").contains(client.name());
      case "graph" -> Set.of("gateway", "cli").contains(client.name());
      case "travel-blueprint" -> client.name().equals("cli");
      case "token-exchange" ->
          Set.of("gateway-identity", "travel-blueprint").contains(client.name());
      // anybody gets such a token; the vault, or the endpoint, decides what it is good for
      case "key-vault", "monitor" ->
          Set.of("gateway", "gateway-identity", "nightly-job").contains(client.name());
      default -> false;
    };
  }

  /** The version of the tokens that an API wants, at the start; Azure's own want the first. */
  static int tokenVersionAtFirst(App resource) {
    return Set.of(KEY_VAULT, MONITOR).contains(resource.clientId()) ? 1 : 2;
  }

  /** Whether the client's registration lists this API among what it needs. */
  public static boolean isRegistered(App client, App resource) {
    return isConsentedAtFirst(client, resource);
  }

  private static User member(
      String number, String name, String display, List<String> groups, String... roles) {
    return new User(id(number), name, display, TENANT, "", Kind.MEMBER, groups, List.of(roles));
  }

  private static String id(String number) {
    return "0b010500-0000-4000-8000-000000000" + number;
  }

  /** A directory of users and applications. */
  public record Tenant(String id, String name, String domain) {}

  /** What sort of a user it is. */
  public enum Kind {
    MEMBER,
    /** Invited; signs in at another tenant. */
    GUEST,
    /** An agent's own user account: no person. */
    AGENT_USER
  }

  /**
   * A user object of one tenant.
   *
   * @param atHome of a guest: the name of the user object in his own tenant
   * @param operatorRoles app roles at the operator API
   */
  public record User(
      String objectId,
      String name,
      String displayName,
      String tenant,
      String atHome,
      Kind kind,
      List<String> groups,
      List<String> operatorRoles) {

    /** The tenant where this person signs in. */
    public Tenant home() {
      return tenantOf(kind == Kind.GUEST ? user(atHome).orElseThrow().tenant() : tenant);
    }

    /** A guest's is made from the address at home, as Entra does it. */
    public String principalName() {
      String own = tenantOf(tenant).domain();
      return kind == Kind.GUEST
          ? atHome + "_" + home().domain() + "#EXT#@" + own
          : name + "@" + own;
    }

    /** The address that the person knows. */
    public String signInName() {
      return kind == Kind.GUEST ? atHome + "@" + home().domain() : principalName();
    }

    private static Tenant tenantOf(String id) {
      return Directory.tenant(id).orElseThrow();
    }
  }
}
