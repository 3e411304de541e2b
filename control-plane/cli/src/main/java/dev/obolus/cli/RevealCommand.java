// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
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
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "CHAIN/SEQ", description = "the record")
  private String record = "";

  @Option(
      names = "--field",
      required = true,
      description = "which value: ${COMPLETION-CANDIDATES}, in any case")
  private Field field = Field.PERSON;

  @Option(names = "--gateway", required = true, description = "where the gateway answers")
  private URI gateway = URI.create("");

  @Option(
      names = "--token-file",
      required = true,
      description = "an access token of the operator application, in a file")
  private Path tokenFile = Path.of("");

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
    String body = body();
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      HttpResponse<String> answer =
          client.send(request(body), HttpResponse.BodyHandlers.ofString());
      spec.commandLine().getOut().println(answer.body());
      return answer.statusCode() == 200 ? ObolusCli.DONE : ObolusCli.BROKEN;
    } catch (IOException e) {
      throw new Unavailable("the gateway at " + gateway + " does not answer", e);
    }
  }

  private HttpRequest request(String body) throws IOException {
    return HttpRequest.newBuilder(gateway.resolve("/operator/v1/audit/reveal"))
        .timeout(PATIENCE)
        .header("Content-Type", "application/json")
        .header("Authorization", "Bearer " + Files.readString(tokenFile).strip())
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private String body() {
    Place place = Place.of(spec, "the record", record);
    return "{\"chain\":%s,\"seq\":%d,\"field\":%s,\"purpose\":%s}"
        .formatted(
            ForgetCommand.quoted(place.chain().toString()),
            place.seq(),
            ForgetCommand.quoted(field.name().toLowerCase(Locale.ROOT)),
            ForgetCommand.quoted(reason));
  }
}
