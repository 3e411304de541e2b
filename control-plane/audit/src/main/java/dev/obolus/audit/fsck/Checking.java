// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a verification is made with. Nobody changes one that is in use: whoever wants more copies.
 */
final class Checking {
  /** Root keys; none to check hashes and links only. */
  List<VerifierKey> keys = List.of();

  Optional<PublicKeys> publicKeys = Optional.empty();

  /** Whose stamps are looked at. */
  TimeStamps timeStamps = TimeStamps.NONE;

  /** Checkpoints that were kept elsewhere. */
  List<Note> kept = List.of();

  AuditVerifier.Progress progress = (records, of) -> {};

  /** Where an earlier verification came to. */
  Optional<String> bookmark = Optional.empty();

  /** Told now and then where this one came to. */
  Optional<Consumer<String>> bookmarks = Optional.empty();

  /** Tells how old is what nobody has signed yet. */
  InstantSource clock = InstantSource.system();

  Checking copy() {
    Checking copy = new Checking();
    copy.keys = keys;
    copy.publicKeys = publicKeys;
    copy.timeStamps = timeStamps;
    copy.kept = kept;
    copy.progress = progress;
    copy.bookmark = bookmark;
    copy.bookmarks = bookmarks;
    copy.clock = clock;
    return copy;
  }
}
