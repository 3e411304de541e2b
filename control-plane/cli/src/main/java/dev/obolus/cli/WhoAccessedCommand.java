// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.audit.export.LogSource;
import dev.obolus.audit.export.WhoAccessed;
import dev.obolus.audit.fsck.Plain;
import dev.obolus.audit.query.Query;
import dev.obolus.audit.query.QueryGrammar;
import dev.obolus.audit.query.Reading;
import dev.obolus.audit.query.Value;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists who was served data of a label. */
@Command(
    name = "who-accessed",
    mixinStandardHelpOptions = true,
    description = {
      "List the people, agents and columns of every answer with data of a label, the most recent"
          + " first.",
      "People are pseudonyms. It finds answers by the log's search columns: what somebody changed"
          + " there, obolus audit verify names."
    })
final class WhoAccessedCommand implements Callable<Integer> {
  private static final Instant NEVER = Instant.parse("9999-12-31T00:00:00Z");

  @Mixin private DatabaseOptions database = new DatabaseOptions();

  @Parameters(paramLabel = "LABEL", description = "such as pii")
  private String label = "";

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "only answers from then on: now-7d, 2026-11-20 or 2026-11-20T14:31, in UTC")
  private Optional<String> since = Optional.empty();

  @Option(
      names = "--until",
      paramLabel = "TIME",
      description = "only answers up to the end of that day, minute or second")
  private Optional<String> until = Optional.empty();

  @Option(names = "--json", description = "one JSON object a line")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Unavailable {
    Query span = span();
    try (Connection connection = database.connect()) {
      List<WhoAccessed.Access> found =
          new WhoAccessed(new LogSource(connection))
              .label(
                  label,
                  span.from().map(Query.Bound::at).orElse(Instant.EPOCH),
                  span.to().map(Query.Bound::at).orElse(NEVER));
      print(found);
      return ObolusCli.DONE;
    } catch (WhoAccessed.TooMany e) {
      throw new Unavailable(String.valueOf(e.getMessage()), e);
    } catch (SQLException e) {
      throw Unavailable.reading("the log", e);
    }
  }

  /** Times are read as the console's query box reads them. */
  private Query span() {
    String text =
        since.map(time -> "from:" + Value.Text.of(time) + " ").orElse("")
            + until.map(time -> "to:" + Value.Text.of(time)).orElse("");
    return switch (QueryGrammar.read(text, Instant.now(), nobody -> Set.of())) {
      case Reading.Understood(Query query) -> query;
      case Reading.Misunderstood wrong ->
          throw new ParameterException(
              spec.commandLine(), Plain.line(wrong.sentence() + " " + wrong.next()));
    };
  }

  private void print(List<WhoAccessed.Access> found) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      found.forEach(access -> out.println(access.json()));
      return;
    }
    for (WhoAccessed.Access access : found) {
      out.println(
          Plain.line(
              "%s through %s, %d %s from %s to %s: %s"
                  .formatted(
                      access.person(),
                      access.agent(),
                      access.times(),
                      access.times() == 1 ? "answer" : "answers",
                      access.first(),
                      access.last(),
                      String.join(", ", access.columns()))));
    }
    if (found.isEmpty()) {
      out.println(
          Plain.line(
              "Nobody was served data labelled " + label + (span().isEmpty() ? "." : " then.")));
    }
  }
}
