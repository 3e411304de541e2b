// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

import dev.obolus.audit.tree.Checkpoint;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SignedNote;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Where committed checkpoints go: witnesses, write-once copies, time stamps. */
public interface Publishing extends AutoCloseable {

  /** Takes a checkpoint that is committed; returns at once. */
  void publish(Checkpoint checkpoint, SignedNote note);

  /**
   * The newest checkpoints that are kept where the database's owner cannot change them.
   *
   * @param keys the log's: what all of them have not signed is none of its checkpoints
   */
  List<Checkpoint> kept(List<NoteKey> keys) throws IOException;

  /**
   * Shows the newest checkpoint that is stored to those who remember the log, before one is signed
   * after it: who knows more than it, or something else, objects. Who does not answer does not.
   * Blocks for some seconds for each of these.
   */
  default void confirm(SignedNote newest) throws SQLException, IOException {}

  /** Why nothing more must be signed: somebody outside has seen another history. */
  default Optional<String> objection() {
    return Optional.empty();
  }

  @Override
  void close();

  /** Keeps nothing anywhere else. */
  static Publishing nowhere() {
    return new Publishing() {
      @Override
      public void publish(Checkpoint checkpoint, SignedNote note) {}

      @Override
      public List<Checkpoint> kept(List<NoteKey> keys) {
        return List.of();
      }

      @Override
      public void close() {}
    };
  }
}
