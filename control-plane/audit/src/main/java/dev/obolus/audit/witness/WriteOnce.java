// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.witness;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Where things are written once and never again: a directory whose owner is somebody else, or blob
 * storage under an immutability policy (for which there is no implementation yet).
 */
public interface WriteOnce {

  /**
   * Keeps it under a name; names sort as they are to be read.
   *
   * @throws java.nio.file.FileAlreadyExistsException if something else has that name
   */
  void put(String name, String content) throws IOException;

  /**
   * What has the last name of those that pass, if there is anything.
   *
   * @param ours whether it is of those that are looked for: anything may lie there
   */
  Optional<String> last(Predicate<String> ours) throws IOException;
}
