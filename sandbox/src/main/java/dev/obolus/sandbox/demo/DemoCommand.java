// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Starts everything on this machine, lets scripted agents work, and ends it all together. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = "Everything on this machine, with scripted agents at work.")
final class DemoCommand implements Callable<Integer> {
  @Option(names = "--home", hidden = true, required = true)
  private Path home = Path.of("");

  @Option(names = "--data", description = "where it keeps its data (default: .obolus)")
  private @Nullable Path data;

  @Option(names = "--gateway-port", description = "default: 8080; 0 picks a free one")
  private int gatewayPort = 8080;

  @Option(names = "--console-port", description = "default: 8081; 0 picks a free one")
  private int consolePort = 8081;

  @Option(names = "--sandbox-port", description = "default: 8082; 0 picks a free one")
  private int sandboxPort = 8082;

  @Option(
      names = "--break",
      description = "on a throw-away copy: stop the database, tamper with a record, and see")
  private boolean breaking;

  @Option(names = "--quiet", description = "no scripted agents")
  private boolean quiet;

  @Override
  public Integer call() throws Exception {
    Terminal terminal = Terminal.standard();
    Household household = new Household();
    Thread ending = new Thread(() -> end(terminal, household), "ending");
    Runtime.getRuntime().addShutdownHook(ending);
    Home place = Home.of(home, data);
    if (breaking) {
      return new Breaking(place, terminal, household).run();
    }
    terminal.say("Obolus: the demo");
    household.add(HomeLock.take(place));
    Addresses addresses = Addresses.claim(gatewayPort, consolePort, sandboxPort);
    Demo demo = Demo.start(place, addresses, terminal, household);
    Welcome.say(demo, terminal);
    return accompany(demo, terminal, household);
  }

  /** Stays until a signal ends this process or one of the programs ends. */
  private int accompany(Demo demo, Terminal terminal, Household household)
      throws InterruptedException, IOException {
    PolicyNews.follow(demo.home().logs().resolve("gateway.log"), terminal);
    Agents agents = new Agents(demo.addresses(), terminal);
    if (!quiet) {
      agents.work(() -> demo.deceased().isEmpty() && !household.isEnding());
    }
    Optional<Child> deceased = demo.deceased();
    while (deceased.isEmpty()) {
      Thread.sleep(500);
      deceased = demo.deceased();
    }
    if (household.isEnding()) {
      return 0;
    }
    terminal.say("");
    terminal.say("A program has ended by itself: " + deceased.get().lastWords());
    return 1;
  }

  private static void end(Terminal terminal, Household household) {
    if (household.end()) {
      terminal.say("");
      terminal.say("Everything has ended.");
    }
  }
}
