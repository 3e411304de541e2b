// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.audit.ChainId;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** A record, as commands take it: {@code CHAIN/SEQ}. */
record Place(ChainId chain, long seq) {
  static Place of(CommandSpec spec, String option, String text) {
    if (!text.matches("[0-9a-f]{32}/[1-9][0-9]{0,17}")) {
      throw new ParameterException(spec.commandLine(), option + " is CHAIN/SEQ");
    }
    int slash = text.indexOf('/');
    return new Place(
        ChainId.parse(text.substring(0, slash)), Long.parseLong(text.substring(slash + 1)));
  }
}
