// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The kill switch of a gateway and of all others on the same log. */
@Command(
    name = "freeze",
    mixinStandardHelpOptions = true,
    description = "Refuse everything to somebody or something, at every gateway at once.",
    subcommands = {
      FreezeCommand.SetCommand.class,
      FreezeCommand.ListCommand.class,
      FreezeCommand.LiftCommand.class
    })
final class FreezeCommand {
  /** Whom to ask, as whom. */
  abstract static class Ask implements java.util.concurrent.Callable<Integer> {
    @Spec CommandSpec spec = CommandSpec.create();

    @Mixin private OperatorDoor gateway = new OperatorDoor();

    /** The address, and a body where something is to be changed. */
    abstract String path();

    abstract Optional<Map<String, String>> body();

    @Override
    public Integer call() throws Exception {
      return gateway.ask(spec, "/freezes" + path(), body().map(FreezeCommand::json));
    }
  }

  /** What a freeze covers. */
  private enum Scope {
    PERSON,
    AGENT,
    TENANT,
    CONNECTOR,
    EVERYTHING
  }

  /** Sets one. */
  @Command(
      name = "set",
      mixinStandardHelpOptions = true,
      description = "Freeze a person, an agent, a tenant, a connector, or everything.")
  static final class SetCommand extends Ask {
    @Parameters(description = "${COMPLETION-CANDIDATES}")
    private Scope scope = Scope.EVERYTHING;

    @Option(names = "--tenant", description = "the person's, or the one to freeze")
    private Optional<String> tenant = Optional.empty();

    @Option(names = "--object-id", description = "the person's object id")
    private Optional<String> objectId = Optional.empty();

    @Option(names = "--client", description = "the agent's client id")
    private Optional<String> client = Optional.empty();

    @Option(names = "--connector", description = "the connector's name")
    private Optional<String> connector = Optional.empty();

    @Option(names = "--reason", required = true, description = "in a few words, without names")
    private String reason = "";

    @Option(names = "--until", description = "when it ends by itself: 2026-11-21T18:00:00Z")
    private Optional<String> until = Optional.empty();

    @Override
    String path() {
      return "";
    }

    @Override
    Optional<Map<String, String>> body() {
      Map<String, String> body = new LinkedHashMap<>();
      String _ = body.put("scope", scope.name().toLowerCase(java.util.Locale.ROOT));
      tenant.ifPresent(value -> body.put("tenant", value));
      objectId.ifPresent(value -> body.put("object_id", value));
      client.ifPresent(value -> body.put("client", value));
      connector.ifPresent(value -> body.put("connector", value));
      until.ifPresent(value -> body.put("until", value));
      String _ = body.put("reason", reason);
      return Optional.of(body);
    }
  }

  /** Lists those in force. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Show what is frozen, and whether the list was tampered with.")
  static final class ListCommand extends Ask {
    @Override
    String path() {
      return "";
    }

    @Override
    Optional<Map<String, String>> body() {
      return Optional.empty();
    }
  }

  /** Ends one. */
  @Command(
      name = "lift",
      mixinStandardHelpOptions = true,
      description = "End a freeze that somebody else has set.")
  static final class LiftCommand extends Ask {
    @Parameters(paramLabel = "ID", description = "as list tells it")
    private String id = "";

    @Option(names = "--reason", required = true, description = "in a few words, without names")
    private String reason = "";

    @Override
    String path() {
      if (!id.matches("[0-9a-f]{32}-[0-9]{1,18}")) {
        throw new picocli.CommandLine.ParameterException(spec.commandLine(), "ID is CHAIN-SEQ");
      }
      return "/" + id + "/lift";
    }

    @Override
    Optional<Map<String, String>> body() {
      return Optional.of(Map.of("reason", reason));
    }
  }

  private static String json(Map<String, String> members) {
    return members.entrySet().stream()
        .map(member ->
            OperatorDoor.quoted(member.getKey()) + ":" + OperatorDoor.quoted(member.getValue()))
        .collect(Collectors.joining(",", "{", "}"));
  }
}
