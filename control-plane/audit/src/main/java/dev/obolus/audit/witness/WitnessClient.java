// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.witness;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.tree.Checkpoint;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.Proofs;
import dev.obolus.audit.tree.SignedNote;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/**
 * Submits checkpoints to one witness and takes its cosignatures. Blocks. Not for several threads.
 */
public final class WitnessClient {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int MAX_ANSWER = 64 * 1024;

  private final URI prefix;
  private final List<NoteKey> keys;
  private final HttpClient http;
  private long known;

  /**
   * @param prefix the witness's submission prefix
   * @param keys its public keys, of one name
   */
  public WitnessClient(URI prefix, List<NoteKey> keys, HttpClient http) {
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("a witness's public keys are wanted: " + prefix);
    }
    this.prefix = prefix;
    this.keys = List.copyOf(keys);
    this.http = http;
  }

  public String name() {
    return keys.getFirst().name();
  }

  /** What a witness answered. */
  public sealed interface Answer {
    /** The lines of its keys, each of them true. */
    record Cosigned(List<SignedNote.Line> lines) implements Answer {}

    /** It has cosigned a larger tree of this log than the one submitted. */
    record Ahead(long size) implements Answer {}

    /** The tree is not the continuation of the one that it cosigned. */
    record Refused(long known) implements Answer {}
  }

  /** Submits; fails if it does not answer, or answers something else. */
  public Answer submit(SignedNote note, Proofs proofs) throws IOException, InterruptedException {
    Checkpoint checkpoint = Checkpoint.parse(note.text());
    long old = Math.min(known, checkpoint.size());
    HttpResponse<String> answer = send(note, proofs, old);
    if (answer.statusCode() == 409) {
      known = size(answer.body());
      if (known > checkpoint.size()) {
        return new Answer.Ahead(known);
      }
      if (known != old) {
        old = known;
        answer = send(note, proofs, old);
      }
    }
    return switch (answer.statusCode()) {
      case 200 -> {
        Answer cosigned = new Answer.Cosigned(lines(note, answer.body()));
        known = checkpoint.size();
        yield cosigned;
      }
      case 422 -> new Answer.Refused(known);
      case 409 -> refused(old, size(answer.body()), checkpoint);
      default -> throw new IOException("witness " + name() + " answers " + answer.statusCode());
    };
  }

  /** It was told the size that it knows, and that is the checkpoint's: the root is another. */
  private Answer refused(long old, long told, Checkpoint checkpoint) throws IOException {
    if (told != old || old != checkpoint.size()) {
      throw new IOException("witness " + name() + " answers 409 to the size that it told");
    }
    return new Answer.Refused(old);
  }

  private HttpResponse<String> send(SignedNote note, Proofs proofs, long old)
      throws IOException, InterruptedException {
    StringBuilder body = new StringBuilder("old ").append(old).append('\n');
    for (Bytes hash : proofs.consistency(old)) {
      body.append(Base64.getEncoder().encodeToString(hash.toArray())).append('\n');
    }
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(prefix + "/add-checkpoint"))
            .timeout(PATIENCE)
            .POST(BodyPublishers.ofString(body.append('\n').append(note).toString()))
            .build();
    return http.send(request, BodyHandlers.limiting(BodyHandlers.ofString(), MAX_ANSWER));
  }

  private static long size(String body) throws IOException {
    if (!body.matches("(0|[1-9][0-9]{0,17})\n")) {
      throw new IOException("a witness answers 409 without a size");
    }
    return Long.parseLong(body.strip());
  }

  private List<SignedNote.Line> lines(SignedNote note, String body) throws IOException {
    try {
      List<SignedNote.Line> lines =
          SignedNote.Line.parseAll(body).stream()
              .filter(line -> keys.stream().anyMatch(key -> key.made(line)))
              .toList();
      if (lines.isEmpty() || NoteKey.count(new SignedNote(note.text(), lines), keys) == 0) {
        throw new IOException("witness " + name() + " answers no cosignature of its keys");
      }
      return lines;
    } catch (IllegalArgumentException e) {
      throw new IOException("witness " + name() + " answers something else", e);
    }
  }
}
