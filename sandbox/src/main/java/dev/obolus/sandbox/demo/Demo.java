// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import dev.obolus.sandbox.postgres.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;

/** The whole house: database, sandbox, gateway and console, ready to be used. */
final class Demo {
  private final Home home;
  private final Addresses addresses;
  private final Commands commands;
  private final Terminal terminal;
  private final Household household;
  private final Guard guard;
  private final Http http = new Http();
  private final PostgresServer source;
  private PostgresServer database;
  private final List<Child> programs;

  private Demo(
      Home home,
      Addresses addresses,
      Commands commands,
      Terminal terminal,
      Household household,
      Guard guard,
      PostgresServer database,
      PostgresServer source)
      throws Exception {
    this.home = home;
    this.addresses = addresses;
    this.commands = commands;
    this.terminal = terminal;
    this.household = household;
    this.guard = guard;
    this.database = database;
    this.source = source;
    this.programs = startPrograms();
  }

  /** Starts everything, telling the terminal; what was started ends with the household. */
  static Demo start(Home home, Addresses addresses, Terminal terminal, Household household)
      throws Exception {
    Programs programs = Programs.in(home.checkout());
    home.prepare();
    Guard guard = Guard.start();
    household.add(guard);
    Step step = new Step(terminal);
    step.begin("PostgreSQL, durable, with passwords");
    PostgresServer log = Database.startLog(home, 0);
    household.add(log);
    guard.database(log.pid());
    PostgresServer source = Database.startSource(home);
    household.add(source);
    guard.database(source.pid());
    step.done();
    return new Demo(
        home,
        addresses,
        new Commands(home, programs, addresses, log.port(), source.port()),
        terminal,
        household,
        guard,
        log,
        source);
  }

  private List<Child> startPrograms() throws Exception {
    Step step = new Step(terminal);
    step.begin("sandbox: the stand-in Entra and Databricks");
    Child sandbox = start("sandbox", commands.sandbox());
    Child migration =
        Child.start("migration", commands.migrate(), home.logs().resolve("migrate.log"));
    if (!Files.exists(home.checkpointKey())) {
      Child.start("keygen", commands.keygen(), home.logs().resolve("keygen.log")).awaitSuccess();
    }
    migration.awaitSuccess();
    sandbox.awaitReady(http.client(), URI.create(addresses.sandboxUrl() + "/sandbox/health"));
    step.done();
    step.begin("gateway and console");
    Child gateway = start("gateway", commands.gateway());
    Child console = start("console", commands.console());
    gateway.awaitReady(http.client(), readiness(addresses.gatewayUrl()));
    console.awaitReady(http.client(), readiness(addresses.consoleUrl()));
    step.done();
    new RunFile(
            ProcessHandle.current().pid(),
            new RunFile.Part(gateway.pid(), addresses.gatewayUrl()),
            new RunFile.Part(console.pid(), addresses.consoleUrl()),
            new RunFile.Part(sandbox.pid(), addresses.sandboxUrl()),
            new RunFile.Part(database.pid(), address(database, Database.LOG)),
            new RunFile.Part(source.pid(), address(source, Database.SOURCE)))
        .write(home);
    household.add(() -> RunFile.remove(home));
    return List.of(gateway, console, sandbox);
  }

  private Child start(String name, List<String> command) throws Exception {
    Child child = Child.start(name, command, home.logs().resolve(name + ".log"));
    guard.program(child.pid());
    household.add(child);
    return child;
  }

  private static String address(PostgresServer server, String database) {
    return "postgresql://" + server.host() + ":" + server.port() + "/" + database;
  }

  static URI readiness(String program) {
    return URI.create(program + "/actuator/health/readiness");
  }

  Addresses addresses() {
    return addresses;
  }

  Home home() {
    return home;
  }

  Commands commands() {
    return commands;
  }

  Optional<Child> deceased() {
    return programs.stream().filter(child -> !child.isAlive()).findFirst();
  }

  PostgresServer database() {
    return database;
  }

  void stopDatabase() throws IOException {
    database.stop();
  }

  void restartDatabase() throws IOException, DemoFault {
    database = Database.startLog(home, database.port());
    guard.database(database.pid());
  }

  boolean isReady() throws IOException {
    return http.get(readiness(addresses.gatewayUrl()).toString()).status() == 200;
  }
}
