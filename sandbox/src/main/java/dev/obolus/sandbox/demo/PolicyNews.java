// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tells a policy author at the terminal what the gateway made of a saved file, by following the
 * gateway's log.
 */
final class PolicyNews {
  private static final String DESK = "dev.obolus.gateway.PolicyDesk";
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final long PAUSE_MILLIS = 250;

  private PolicyNews() {}

  /** Follows the log from where it ends now, until the process ends. */
  static void follow(Path log, Terminal terminal) throws IOException {
    BufferedReader reader = Files.newBufferedReader(log);
    long skipped = reader.skip(Long.MAX_VALUE);
    Thread.ofVirtual()
        .name("policy-news")
        .start(() -> {
          try (reader) {
            tell(reader, terminal);
          } catch (IOException e) {
            terminal.say("policy news end here (" + e.getMessage() + ", after " + skipped + ")");
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private static void tell(BufferedReader reader, Terminal terminal)
      throws IOException, InterruptedException {
    var line = new StringBuilder();
    while (true) {
      int next = reader.read();
      if (next < 0) {
        Thread.sleep(PAUSE_MILLIS); // the end, for now
      } else if (next == '\n') {
        news(line.toString()).ifPresent(news -> terminal.say("policy  " + news));
        line.setLength(0);
      } else {
        line.append((char) next);
      }
    }
  }

  /** What a line of the gateway's log says to an author, if it is for one. */
  static Optional<String> news(String line) {
    if (!line.contains(DESK)) {
      return Optional.empty();
    }
    try {
      JsonNode json = JSON.readTree(line);
      String message = json.path("message").asString("");
      if (message.equals("policy")) {
        return Optional.of(json.path("finding").asString(line));
      }
      return Optional.of(message + about(json));
    } catch (JacksonException _) {
      return Optional.empty();
    }
  }

  private static String about(JsonNode json) {
    if (json.has("kept")) {
      return "; revision " + json.path("kept").asString("") + " stays active";
    }
    return json.has("revision") ? ": revision " + json.path("revision").asString("") : "";
  }
}
