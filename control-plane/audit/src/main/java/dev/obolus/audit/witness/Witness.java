// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.witness;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.fsck.MerkleProof;
import dev.obolus.audit.tree.Checkpoint;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SignedNote;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.audit.tree.TreeEdge;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A witness as C2SP tlog-witness wants it: remembers the newest tree of each log and cosigns only
 * what goes on from it.
 *
 * <p>Guarantees: a checkpoint is on disk before its cosignature is given away; no two trees of one
 * size and no smaller tree are cosigned, whatever arrives at once. One process a folder.
 */
public final class Witness implements AutoCloseable {
  private static final int MAX_PROOF = 63;
  private static final int MAX_BODY = 256 * 1024;

  private final SigningKey key;
  private final List<NoteKey> logs;
  private final Path folder;
  private final InstantSource clock;
  private final FileChannel lockFile;
  private final FileLock lock;

  private Witness(
      SigningKey key,
      List<NoteKey> logs,
      Path folder,
      InstantSource clock,
      FileChannel lockFile,
      FileLock lock) {
    this.key = key;
    this.logs = List.copyOf(logs);
    this.folder = folder;
    this.clock = clock;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /**
   * Opens a witness.
   *
   * @param logs the public keys of the logs that it cosigns for; a log's origin is its keys' name
   * @param folder where it remembers; fails if another process has it
   */
  public static Witness open(SigningKey key, List<NoteKey> logs, Path folder, InstantSource clock)
      throws IOException {
    Path made = Files.createDirectories(folder);
    FileChannel file =
        FileChannel.open(made.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock taken = file.tryLock();
    if (taken == null) {
      file.close();
      throw new IOException("another witness is at work in " + folder);
    }
    return new Witness(key, logs, made, clock, file, taken);
  }

  /** What is answered over HTTP. */
  public record Answer(int status, String contentType, String body) {
    static Answer text(int status, String body) {
      return new Answer(status, "text/plain; charset=utf-8", body);
    }
  }

  /** The call {@code add-checkpoint}. */
  public synchronized Answer add(String body) throws IOException {
    Request request;
    try {
      request = Request.parse(body);
    } catch (IllegalArgumentException e) {
      return Answer.text(400, "not an add-checkpoint request\n");
    }
    Checkpoint asked = request.checkpoint();
    List<NoteKey> keys = logs.stream().filter(log -> log.name().equals(asked.origin())).toList();
    if (keys.isEmpty()) {
      return Answer.text(404, "this witness does not know the log\n");
    }
    if (NoteKey.count(request.note(), keys) == 0) {
      return Answer.text(403, "not signed with a key that is trusted for the log\n");
    }
    if (request.old() > asked.size()) {
      return Answer.text(400, "the old size is above the checkpoint's\n");
    }
    Optional<Checkpoint> newest = newest(asked.origin());
    long known = newest.map(Checkpoint::size).orElse(0L);
    if (request.old() != known) {
      return new Answer(409, "text/x.tlog.size", known + "\n");
    }
    Bytes root = newest.map(Checkpoint::root).orElseGet(() -> new TreeEdge().root());
    if (!goesOn(request, known, root)) {
      return Answer.text(422, "not the continuation of the tree that was cosigned\n");
    }
    List<SignedNote.Line> lines = key.cosign(request.note().text(), clock.instant());
    keep(asked.origin(), request.logged(keys).with(lines));
    return Answer.text(
        200,
        lines.stream().map(SignedNote.Line::toString).collect(Collectors.joining("\n", "", "\n")));
  }

  private static boolean goesOn(Request request, long known, Bytes root) {
    Checkpoint asked = request.checkpoint();
    if (asked.size() == 0 && !asked.root().equals(new TreeEdge().root())) {
      return false;
    }
    return MerkleProof.consistent(
        known, root.toArray(), asked.size(), asked.root().toArray(), request.proof());
  }

  /** The newest checkpoint of the log whose origin has this SHA-256 in hex, with cosignatures. */
  public Optional<String> checkpoint(String originHash) throws IOException {
    if (!originHash.matches("[0-9a-f]{64}")) {
      return Optional.empty();
    }
    Path file = folder.resolve(originHash);
    return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
  }

  private Optional<Checkpoint> newest(String origin) throws IOException {
    return checkpoint(hash(origin)).map(note -> Checkpoint.parse(SignedNote.parse(note).text()));
  }

  private void keep(String origin, SignedNote note) throws IOException {
    Path file = folder.resolve(hash(origin));
    Path fresh = folder.resolve(hash(origin) + ".new");
    try (FileChannel out =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      java.nio.ByteBuffer bytes =
          java.nio.ByteBuffer.wrap(note.toString().getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        int _ = out.write(bytes);
      }
      out.force(true);
    }
    Path _ = Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  /** How a log is named in the monitoring interface. */
  public static String hash(String origin) {
    try {
      return Bytes.of(
              java.security.MessageDigest.getInstance("SHA-256")
                  .digest(origin.getBytes(StandardCharsets.UTF_8)))
          .hex();
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    lock.release();
    lockFile.close();
  }

  /** The body, taken apart. */
  private record Request(long old, List<byte[]> proof, SignedNote note, Checkpoint checkpoint) {

    static Request parse(String body) {
      int blank = body.indexOf("\n\n");
      String[] line = blank < 0 ? new String[0] : body.substring(0, blank).split("\n", -1);
      if (body.length() > MAX_BODY
          || line.length == 0
          || line.length > MAX_PROOF + 1
          || !line[0].matches("old (0|[1-9][0-9]{0,17})")) {
        throw new IllegalArgumentException("no old size");
      }
      List<byte[]> proof = new ArrayList<>();
      for (String hash : Arrays.asList(line).subList(1, line.length)) {
        byte[] bytes = Base64.getDecoder().decode(hash);
        if (bytes.length != 32) {
          throw new IllegalArgumentException("a hash of another length");
        }
        proof.add(bytes);
      }
      SignedNote note = SignedNote.parse(body.substring(blank + 2));
      return new Request(
          Long.parseLong(line[0].substring("old ".length())),
          proof,
          note,
          Checkpoint.parse(note.text()));
    }

    /** The note with the signatures that were checked, and no others. */
    SignedNote logged(List<NoteKey> keys) {
      return new SignedNote(
          note.text(),
          note.lines().stream()
              .filter(line -> keys.stream().anyMatch(key -> key.made(line)))
              .toList());
    }
  }
}
