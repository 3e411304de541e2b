// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.audit.fsck.Plain;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** A gateway's operator API, asked with the token of whoever runs the command. */
final class OperatorDoor {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Option(names = "--gateway", required = true, description = "where the gateway answers")
  private URI gateway = URI.create("");

  @Option(
      names = "--token-file",
      required = true,
      description = "an access token of the operator application, in a file")
  private Path tokenFile = Path.of("");

  int ask(CommandSpec spec, String path, Optional<String> json)
      throws Unavailable, InterruptedException {
    return ask(spec, gateway, tokenFile, path, json, PATIENCE);
  }

  /**
   * Prints the answer.
   *
   * @param path below {@code /operator/v1}
   * @param json the body of a POST; without one it is a GET
   * @param patience until then an answer is waited for
   * @return the command's exit code
   */
  static int ask(
      CommandSpec spec,
      URI gateway,
      Path tokenFile,
      String path,
      Optional<String> json,
      Duration patience)
      throws Unavailable, InterruptedException {
    if (!String.valueOf(gateway.getScheme()).matches("https?") || gateway.getHost() == null) {
      throw new ParameterException(
          spec.commandLine(), "--gateway is an address such as https://HOST:PORT, not " + gateway);
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(gateway.resolve("/operator/v1" + path))
            .timeout(patience)
            .header("Authorization", "Bearer " + token(tokenFile));
    json.ifPresent(body ->
        request
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      HttpResponse<String> answer =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      PrintWriter out = spec.commandLine().getOut();
      out.println(Plain.lines(answer.body()));
      out.flush();
      return answer.statusCode() < 300 ? ObolusCli.DONE : ObolusCli.BROKEN;
    } catch (IOException e) {
      throw new Unavailable("the gateway at " + gateway + " does not answer", e);
    }
  }

  private static String token(Path file) throws Unavailable {
    String token;
    try {
      token = Files.readString(file).strip();
    } catch (IOException e) {
      throw new Unavailable("the token cannot be read from " + file, e);
    }
    if (!token.matches("[!-~]+")) {
      throw new Unavailable("no access token is in " + file + ": it is one line without spaces");
    }
    return token;
  }

  /** A text of JSON. */
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
