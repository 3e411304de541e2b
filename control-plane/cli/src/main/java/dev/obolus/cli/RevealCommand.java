// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a gateway for one personal value of a record, which it notes on the record first. */
@Command(
    name = "reveal",
    mixinStandardHelpOptions = true,
    description = "Show one personal value of a record; that it was shown is itself on record.")
final class RevealCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "CHAIN/SEQ", description = "the record")
  private String record = "";

  @Option(
      names = "--field",
      required = true,
      description = "which value: ${COMPLETION-CANDIDATES}, in any case")
  private Field field = Field.PERSON;

  @Mixin private OperatorDoor gateway = new OperatorDoor();

  @Option(names = "--reason", required = true, description = "in a few words, without names")
  private String reason = "";

  /** A record's personal values. */
  enum Field {
    PERSON,
    STATEMENT,
    OBLIGATIONS,
    INPUTS
  }

  @Override
  public Integer call() throws Exception {
    return gateway.ask(spec, "/audit/reveal", Optional.of(body()));
  }

  private String body() {
    Place place = Place.of(spec, "the record", record);
    return "{\"chain\":%s,\"seq\":%d,\"field\":%s,\"purpose\":%s}"
        .formatted(
            OperatorDoor.quoted(place.chain().toString()),
            place.seq(),
            OperatorDoor.quoted(field.name().toLowerCase(Locale.ROOT)),
            OperatorDoor.quoted(reason));
  }
}
