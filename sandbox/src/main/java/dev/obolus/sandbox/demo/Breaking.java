// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;

/** Breaks a throw-away copy of the demo, twice, and shows what notices. */
final class Breaking {
  private static final Errand ORDERS = Errand.round().getFirst();
  private static final List<Errand> SOME = Errand.round().subList(0, 5);
  private static final long PATIENCE_MS = 60_000;

  private final Home original;
  private final Terminal terminal;
  private final Household household;

  Breaking(Home original, Terminal terminal, Household household) {
    this.original = original;
    this.terminal = terminal;
    this.household = household;
  }

  int run() throws Exception {
    terminal.say("Obolus: breaking a throw-away copy of the demo");
    Home copy = new Home(original.checkout(), Files.createTempDirectory("obolus-break-"));
    household.add(() -> Trees.delete(copy.data()));
    copyData(copy);
    Demo demo = Demo.start(copy, Addresses.claim(0, 0, 0), terminal, household);
    Agents agents = new Agents(demo.addresses(), terminal);
    terminal.heading("Some requests, so that there is a log to break:");
    SOME.forEach(agents::run);
    boolean resumed = loseTheDatabase(demo, agents);
    boolean named = tamper(demo);
    terminal.heading(
        resumed && named ? "Both were noticed. The copy is thrown away." : "NOT as promised.");
    return resumed && named ? 0 : 1;
  }

  private void copyData(Home copy) throws IOException {
    Optional<HomeLock> lock =
        Files.exists(original.cluster()) ? HomeLock.tryTake(original) : Optional.empty();
    if (lock.isEmpty()) {
      terminal.say("  (a fresh one: there is no demo at rest to copy)");
      return;
    }
    try (HomeLock _ = lock.get()) {
      for (Path part : List.of(original.cluster(), original.keys(), original.sandbox())) {
        Trees.copy(part, copy.data().resolve(original.data().relativize(part)));
      }
    }
  }

  /** No receipt, no request; and no help needed afterwards. */
  private boolean loseTheDatabase(Demo demo, Agents agents) throws Exception {
    terminal.heading("1. The database stops: nothing may be served that cannot be recorded.");
    demo.stopDatabase();
    Http.Answer refused = agents.run(ORDERS);
    terminal.say("   readiness: " + (demo.isReady() ? "up" : "down"));
    terminal.say("   The database returns; nobody tells the gateway.");
    demo.restartDatabase();
    awaitReady(demo);
    Http.Answer served = agents.run(ORDERS);
    int verified = verify(demo);
    return refused.status() == 503 && served.status() == 200 && verified == 0;
  }

  private static void awaitReady(Demo demo) throws Exception {
    long end = System.currentTimeMillis() + PATIENCE_MS;
    while (!demo.isReady()) {
      if (System.currentTimeMillis() > end) {
        throw new DemoFault("the gateway did not recover in " + PATIENCE_MS / 1000 + " s");
      }
      Thread.sleep(200);
    }
  }

  private boolean tamper(Demo demo) throws Exception {
    terminal.heading("2. Somebody with all rights on the database changes one byte of one record.");
    Tampering.Place place;
    try (Connection superuser = demo.database().connect(Database.LOG)) {
      place = Tampering.flipOneByte(superuser);
    }
    terminal.say("   changed: record " + place.seq() + " of chain " + place.chain());
    int verified = verify(demo);
    String name = place.chain().substring(0, 8);
    terminal.say("   The console, signed in as ada, \"Verify whole log\":");
    String page =
        ConsoleVisit.signIn(demo.addresses().consoleUrl(), "ada")
            .press("/audit", "/audit/verification");
    String alarm = Alarm.on(page);
    terminal.say("     " + terminal.bad(alarm.isEmpty() ? "(nothing)" : alarm));
    return verified == 1 && alarm.contains(Long.toString(place.seq())) && alarm.contains(name);
  }

  private int verify(Demo demo) throws IOException, InterruptedException {
    terminal.say("   obolus audit verify:");
    Process verifier =
        new ProcessBuilder(demo.commands().verify()).redirectErrorStream(true).start();
    String said = new String(verifier.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    said.lines().forEach(line -> terminal.say("     " + line));
    int exit = verifier.waitFor();
    terminal.say("     (exit " + exit + ")");
    return exit;
  }
}
