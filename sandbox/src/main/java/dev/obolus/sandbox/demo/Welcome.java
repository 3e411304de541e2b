// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the terminal says once everything is up. */
final class Welcome {
  private Welcome() {}

  static void say(Demo demo, Terminal terminal) throws IOException {
    Addresses at = demo.addresses();
    terminal.heading("Ready.");
    Path sandbox = demo.home().sandbox();
    terminal.say("  console   " + at.consoleUrl() + "   the live log");
    terminal.say("  gateway   " + at.gatewayUrl() + "   what agents ask");
    terminal.say("  sandbox   " + at.sandboxUrl() + "   stand-in Entra and Databricks, also at");
    terminal.say(
        "            " + https(sandbox) + " by the authority in " + sandbox.resolve("ca.pem"));
    terminal.say("  data      " + demo.home().data() + "   (programs' logs in logs/)");
    terminal.heading("Who is here; nobody has a password:");
    terminal.say(
        "  the console is for   olga, omar (security) and ada (auditor), who see the log;");
    terminal.say("                       paul, petra (policy authors), root-admin: no pages yet");
    terminal.say("  agents act for       alice, who may read sales in EMEA, and bob, whom policy");
    terminal.say("                       stops although the source would not");
    terminal.say("  acts for no person   nightly-job, a program of its own: always refused here");
    terminal.heading("Ask for something yourself, as alice through the finance agent:");
    terminal.say(
        "  curl -s "
            + at.gatewayUrl()
            + "/v1/requests -H \"Authorization: Bearer $(./obolus token alice"
            + elsewhere(demo.home())
            + ")\""
            + " -H 'Content-Type: application/json' -d '"
            + Errand.request(
                "query",
                "quarterly-report",
                "{\"table\":\"main.sales.orders\",\"columns\":[\"id\",\"email\",\"amount\",\"region\"],\"limit\":3}")
            + "'");
    terminal.heading("Scripted agents at work (Ctrl-C ends everything):");
  }

  /** Where the sandbox said that it listens, for clients that insist on https. */
  private static String https(Path sandbox) throws IOException {
    return Files.readString(sandbox.resolve("https.url")).strip();
  }

  /** What other commands need to find a demo whose data is not at the usual place. */
  private static String elsewhere(Home home) {
    return home.data().equals(home.checkout().resolve(".obolus")) ? "" : " --data " + home.data();
  }
}
