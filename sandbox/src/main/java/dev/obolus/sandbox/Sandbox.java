// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox;

import com.nimbusds.jwt.JWTClaimsSet;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.obolus.sandbox.control.ControlApi;
import dev.obolus.sandbox.databricks.Person;
import dev.obolus.sandbox.databricks.SampleData;
import dev.obolus.sandbox.databricks.StatementsApi;
import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.Forgeries;
import dev.obolus.sandbox.entra.LocalAuthority;
import dev.obolus.sandbox.entra.endpoint.EntraApi;
import dev.obolus.sandbox.entra.endpoint.GroupsApi;
import dev.obolus.sandbox.entra.endpoint.InstanceMetadata;
import dev.obolus.sandbox.entra.rules.Call;
import dev.obolus.sandbox.journal.Journal;
import dev.obolus.sandbox.vault.Vault;
import dev.obolus.sandbox.vault.VaultApi;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A running sandbox: one http port and one https port, Entra, Databricks and a vault behind both.
 */
public final class Sandbox implements AutoCloseable {
  static {
    // or each answer waits for the caller's delayed acknowledgement
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private static final Map<String, List<String>> READERS =
      Map.of(
          "sales.orders", ids("alice", "bob", "paul", "petra", "gina-guest"),
          "sales.customers", ids("alice", "bob", "paul", "petra", "gina-guest"),
          "sales.forecast", ids("paul"),
          "hr.salaries", ids("root-admin"));

  private final HttpServer http;
  private final HttpsServer https;
  private final ExecutorService threads;
  private final EntraApi entra;
  private final StatementsApi databricks;
  private final VaultApi vault;
  private final Journal journal;

  private Sandbox(
      HttpServer http,
      HttpsServer https,
      ExecutorService threads,
      EntraApi entra,
      StatementsApi databricks,
      VaultApi vault,
      Journal journal) {
    this.http = http;
    this.https = https;
    this.threads = threads;
    this.entra = entra;
    this.databricks = databricks;
    this.vault = vault;
    this.journal = journal;
  }

  /** Starts it; the data is installed where it is missing. */
  public static Sandbox start(SandboxOptions options) throws IOException, SQLException {
    InetAddress address = InetAddress.getByName(options.host());
    if (!address.isLoopbackAddress() && !options.allowNonLoopback()) {
      throw new IOException(
          "the sandbox makes anybody anyone, so it listens on loopback only; "
              + options.host()
              + " is not (say --allow-non-loopback if you mean it)");
    }
    try (Connection owner =
        DriverManager.getConnection(
            options.databaseUrl(), options.databaseUser(), options.databasePassword())) {
      SampleData.install(owner, ids(), READERS);
    }
    var journal = new Journal();
    var entra = new EntraApi(options.data(), Clock.systemUTC(), seen -> journal.note(entry(seen)));
    var databricks =
        new StatementsApi(
            token -> entra.tokens().check(token, Directory.DATABRICKS).flatMap(Sandbox::person),
            (person, call, statement) ->
                journal.note(
                    Journal.Entry.of("databricks", call)
                        .about(person.objectId(), person.application())
                        .with("statement", statement)),
            options.databaseUrl(),
            options.databaseUser(),
            options.databasePassword());
    var vault =
        new VaultApi(
            Vault.in(options.data()),
            Directory.TENANT,
            token -> entra.tokens().check(token, Directory.KEY_VAULT).flatMap(Sandbox::ownClient),
            Set.of(Directory.GATEWAY, Directory.GATEWAY_IDENTITY),
            (client, call, status) ->
                journal.note(
                    Journal.Entry.of("vault", call)
                        .about("-", client)
                        .with("status", String.valueOf(status))));
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    HttpServer http = HttpServer.create(new InetSocketAddress(address, options.port()), 0);
    HttpsServer https = HttpsServer.create(new InetSocketAddress(address, options.httpsPort()), 0);
    https.setHttpsConfigurator(new HttpsConfigurator(LocalAuthority.in(options.data()).context()));
    var sandbox = new Sandbox(http, https, threads, entra, databricks, vault, journal);
    for (HttpServer server : List.of(http, https)) {
      server.createContext("/", entra);
      server.createContext(StatementsApi.PATH, databricks);
      server.createContext(GroupsApi.PATH, new GroupsApi(entra, seen -> journal.note(graph(seen))));
      server.createContext(InstanceMetadata.PATH, new InstanceMetadata(entra, Clock.systemUTC()));
      VaultApi.PATHS.forEach(path -> server.createContext(path, vault));
      server.createContext("/sandbox/", new ControlApi(entra, databricks, vault, journal));
      server.setExecutor(threads);
      server.start();
    }
    return sandbox;
  }

  public String url() {
    return "http://127.0.0.1:" + http.getAddress().getPort();
  }

  public String httpsUrl() {
    return "https://localhost:" + https.getAddress().getPort();
  }

  public EntraApi entra() {
    return entra;
  }

  public StatementsApi databricks() {
    return databricks;
  }

  public VaultApi vault() {
    return vault;
  }

  public Journal journal() {
    return journal;
  }

  /** A token for the gateway: this user, through this agent. */
  public String userToken(String user, String agent) {
    return entra.tokens().forUser(requireUser(user), requireApp(agent), requireApp("gateway"));
  }

  /** An application's own token for the gateway. */
  public String appToken(String app) {
    return entra.tokens().forApp(requireApp(app), requireApp("gateway"));
  }

  /** A token for the operator API, through the console. */
  public String operatorToken(String user) {
    return entra.tokens().forUser(requireUser(user), requireApp("console"), requireApp("operator"));
  }

  /** A user's token for the gateway that ended an hour ago. */
  public String expiredToken(String user, String agent) {
    Instant ended = Instant.now().minusSeconds(3_600);
    return entra
        .tokens()
        .sign(
            claims(user, agent)
                .issueTime(Date.from(ended.minusSeconds(3_600)))
                .notBeforeTime(Date.from(ended.minusSeconds(3_600)))
                .expirationTime(Date.from(ended))
                .build());
  }

  /** The claims of a user's token for the gateway, to be bent and signed by a test. */
  public JWTClaimsSet.Builder claims(String user, String agent) {
    return entra.tokens().userClaims(requireUser(user), requireApp(agent), requireApp("gateway"));
  }

  /** Tokens for the gateway that it must refuse, each wrong in one way. */
  public Forgeries forgeries(String user, String agent) {
    return entra.forgeries(claims(user, agent).build());
  }

  /** The workspace belongs to the home tenant and serves people. */
  private static Optional<Person> person(JWTClaimsSet claims) {
    Object client =
        claims.getClaim("azp") == null ? claims.getClaim("appid") : claims.getClaim("azp");
    boolean delegated =
        claims.getClaim("scp") != null && Directory.TENANT.equals(claims.getClaim("tid"));
    return delegated
        ? Optional.of(new Person(String.valueOf(claims.getClaim("oid")), String.valueOf(client)))
        : Optional.empty();
  }

  /** Of an application's own token. */
  private static Optional<String> ownClient(JWTClaimsSet claims) {
    return "app".equals(claims.getClaim("idtyp"))
        ? Optional.of(String.valueOf(claims.getClaim("appid")))
        : Optional.empty();
  }

  private static Journal.Entry entry(EntraApi.Seen seen) {
    Call call = seen.call();
    Journal.Entry entry =
        Journal.Entry.of("entra", call.kind())
            .about(
                seen.person(),
                Directory.app(call.client()).map(App::clientId).orElse(call.client()))
            .with("status", String.valueOf(seen.status()))
            .with("tenant", call.tenant())
            .with("user", call.user())
            .with("resource", call.resource())
            .with("credential", call.credential())
            .with("correlation_id", seen.correlationId());
    return seen.aadsts() == 0 ? entry : entry.with("aadsts", String.valueOf(seen.aadsts()));
  }

  private static Journal.Entry graph(EntraApi.Seen seen) {
    Call call = seen.call();
    return Journal.Entry.of("graph", "getMemberObjects")
        .about(seen.person(), Directory.app(call.client()).map(App::clientId).orElse(call.client()))
        .with("status", String.valueOf(seen.status()))
        .with("user", call.user())
        .with("correlation_id", seen.correlationId());
  }

  private static Directory.User requireUser(String name) {
    return Directory.user(name)
        .orElseThrow(() -> new IllegalArgumentException("no such user: " + name));
  }

  private static App requireApp(String name) {
    return Directory.app(name)
        .orElseThrow(() -> new IllegalArgumentException("no such application: " + name));
  }

  private static List<String> ids(String... names) {
    return List.of(names).stream().map(name -> requireUser(name).objectId()).toList();
  }

  private static List<String> ids() {
    return Directory.users().stream().map(Directory.User::objectId).toList();
  }

  @Override
  public void close() throws SQLException {
    http.stop(0);
    https.stop(0);
    threads.shutdownNow();
    databricks.close();
  }
}
