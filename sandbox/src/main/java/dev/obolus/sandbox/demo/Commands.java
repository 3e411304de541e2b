// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How each program is started: settings by file, places by option, secrets by the file's name. */
record Commands(
    Home home, Programs programs, Addresses addresses, int databasePort, int sourcePort) {

  List<String> migrate() {
    return Child.java(
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-jar",
        programs.cli().toString(),
        "migrate",
        "--url",
        "jdbc:postgresql://127.0.0.1:" + databasePort + "/" + Database.LOG,
        "--user",
        Home.OWNER,
        "--password-file",
        home.password(Home.OWNER).toString());
  }

  /** Makes the log's signing key where there is none. */
  List<String> keygen() {
    return Child.java(
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-jar",
        programs.cli().toString(),
        "audit",
        "keygen",
        "--if-missing",
        "--name",
        "obolus/demo",
        "--key",
        home.checkpointKey().toString());
  }

  List<String> verify() {
    return Child.java(
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-jar",
        programs.cli().toString(),
        "audit",
        "verify",
        "--url",
        "jdbc:postgresql://127.0.0.1:" + databasePort + "/" + Database.LOG,
        "--user",
        Home.GATEWAY,
        "--password-file",
        home.password(Home.GATEWAY).toString(),
        "--key",
        home.rootKey().toString());
  }

  List<String> sandbox() {
    return Child.java(
        "-XX:+UseSerialGC",
        "-Xmx256m",
        "-jar",
        programs.sandbox().toString(),
        "--port",
        Integer.toString(addresses.sandbox()),
        "--data",
        home.sandbox().toString(),
        "--database-url",
        "jdbc:postgresql://127.0.0.1:" + sourcePort + "/" + Database.SOURCE,
        "--database-user",
        Home.SOURCE_OWNER,
        "--database-password-file",
        home.password(Home.SOURCE_OWNER).toString());
  }

  List<String> gateway() {
    List<String> command =
        Child.java(
            "-Xmx512m",
            "-jar",
            programs.gateway().toString(),
            settings("gateway.yaml"),
            "--server.address=127.0.0.1",
            "--server.port=" + addresses.gateway(),
            "--demo.entra=" + addresses.sandboxUrl(),
            "--demo.databricks=" + addresses.sandboxUrl(),
            "--demo.database.port=" + databasePort,
            "--demo.secrets=" + home.keys(),
            "--demo.sandbox-secrets=" + home.sandbox(),
            "--demo.facts=" + home.checkout().resolve("sandbox/facts"));
    command.addAll(authorsLoop());
    return command;
  }

  List<String> console() {
    return Child.java(
        "-Xmx256m",
        "-jar",
        programs.console().toString(),
        settings("console.yaml"),
        "--server.address=127.0.0.1",
        "--server.port=" + addresses.console(),
        "--demo.entra=" + addresses.sandboxUrl(),
        "--demo.gateway=" + addresses.gatewayUrl(),
        "--demo.database.port=" + databasePort,
        "--demo.secrets=" + home.keys(),
        "--demo.sandbox-secrets=" + home.sandbox());
  }

  /** Saving a file under policies/ publishes it, where its sources and opa are at hand. */
  private List<String> authorsLoop() {
    Path sources = home.checkout().resolve("policies");
    Path opa = home.checkout().resolve(".tools/opa");
    List<String> options = new ArrayList<>();
    if (Files.isDirectory(sources) && Files.isExecutable(opa)) {
      options.add("--obolus.policy.sources=" + sources);
      options.add("--obolus.policy.opa=" + opa);
    }
    return options;
  }

  private String settings(String name) {
    return "--spring.config.additional-location=file:"
        + home.checkout().resolve("sandbox/settings").resolve(name);
  }
}
