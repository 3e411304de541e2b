// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
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
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--gateway", required = true, description = "where the gateway answers")
  private URI gateway = URI.create("");

  @Option(
      names = "--token-file",
      required = true,
      description = "an access token of the operator application, in a file")
  private Path tokenFile = Path.of("");

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
    PrintWriter out = spec.commandLine().getOut();
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      HttpResponse<String> answer = client.send(request(), HttpResponse.BodyHandlers.ofString());
      out.println(answer.body());
      return switch (answer.statusCode()) {
        case 200, 202 -> ObolusCli.DONE;
        default -> ObolusCli.BROKEN;
      };
    } catch (IOException e) {
      throw new Unavailable("the gateway at " + gateway + " does not answer", e);
    }
  }

  private HttpRequest request() throws IOException {
    return HttpRequest.newBuilder(gateway.resolve("/operator/v1/audit/forget"))
        .timeout(PATIENCE)
        .header("Content-Type", "application/json")
        .header("Authorization", "Bearer " + Files.readString(tokenFile).strip())
        .POST(HttpRequest.BodyPublishers.ofString(body()))
        .build();
  }

  private String body() {
    String addresses =
        emails.stream().map(ForgetCommand::quoted).collect(Collectors.joining(",", "[", "]"));
    return "{\"tenant\":%s,\"object_id\":%s,\"emails\":%s,\"reason\":%s%s}"
        .formatted(quoted(tenant), quoted(objectId), addresses, quoted(reason), place());
  }

  private String place() {
    if (proposal.isEmpty()) {
      return "";
    }
    String[] part = proposal.get().split("/", 2);
    if (part.length != 2 || !part[1].matches("[0-9]{1,18}")) {
      throw new picocli.CommandLine.ParameterException(
          spec.commandLine(), "--proposal is CHAIN/SEQ");
    }
    return ",\"proposal\":{\"chain\":%s,\"seq\":%s}".formatted(quoted(part[0]), part[1]);
  }

  static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\' || c < 0x20) {
        json.append("\\u%04x".formatted((int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }
}
