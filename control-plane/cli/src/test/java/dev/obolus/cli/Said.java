// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** What a command said, and how it ended. */
record Said(int exit, String out, String err) {

  /** Runs it in this process. */
  static Said by(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit =
        ObolusCli.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new Said(exit, out.toString(), err.toString());
  }
}
