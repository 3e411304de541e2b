// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Asks a gateway to make what the log knows of somebody unreadable. The first operator's call
 * proposes it; the second one's, naming that proposal, does it.
 */
@Command(
    name = "forget",
    mixinStandardHelpOptions = true,
    description = "Make a person's values in the log unreadable: one proposes, another agrees.")
final class ForgetCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private OperatorDoor gateway = new OperatorDoor();

  @Option(names = "--tenant", required = true, description = "the person's tenant")
  private String tenant = "";

  @Option(names = "--object-id", required = true, description = "the person's object id")
  private String objectId = "";

  @Option(names = "--email", description = "an address by which statements may name the person")
  private List<String> emails = List.of();

  @Option(names = "--reason", required = true, description = "in a few words, without names")
  private String reason = "";

  @Option(
      names = "--proposal",
      paramLabel = "CHAIN/SEQ",
      description = "the record in which somebody else proposed it")
  private Optional<String> proposal = Optional.empty();

  @Override
  public Integer call() throws Exception {
    return gateway.ask(spec, "/audit/forget", Optional.of(body()));
  }

  private String body() {
    String addresses =
        emails.stream().map(OperatorDoor::quoted).collect(Collectors.joining(",", "[", "]"));
    return "{\"tenant\":%s,\"object_id\":%s,\"emails\":%s,\"reason\":%s%s}"
        .formatted(
            OperatorDoor.quoted(tenant),
            OperatorDoor.quoted(objectId),
            addresses,
            OperatorDoor.quoted(reason),
            place());
  }

  private String place() {
    return proposal
        .map(text -> Place.of(spec, "--proposal", text))
        .map(at -> ",\"proposal\":{\"chain\":\"%s\",\"seq\":%d}".formatted(at.chain(), at.seq()))
        .orElse("");
  }
}
