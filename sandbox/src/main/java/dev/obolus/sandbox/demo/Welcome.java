// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

/** What the terminal says once everything is up. */
final class Welcome {
  private Welcome() {}

  static void say(Demo demo, Terminal terminal) {
    Addresses at = demo.addresses();
    terminal.heading("Ready.");
    terminal.say("  console   " + at.consoleUrl() + "   the live log; sign in as one of");
    terminal.say("            olga (security), omar (security, approver), paul or petra (policy");
    terminal.say("            authors), ada (auditor), root-admin; no password");
    terminal.say("  gateway   " + at.gatewayUrl());
    terminal.say("  sandbox   " + at.sandboxUrl() + "   stand-in Entra and Databricks");
    terminal.say("  data      " + demo.home().data() + "   (logs in logs/; start over: rm -rf it)");
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

  /** What other commands need to find a demo whose data is not at the usual place. */
  private static String elsewhere(Home home) {
    return home.data().equals(home.checkout().resolve(".obolus")) ? "" : " --data " + home.data();
  }
}
