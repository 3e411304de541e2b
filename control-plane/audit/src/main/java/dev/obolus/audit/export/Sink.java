// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.export;

import java.io.IOException;
import java.util.List;

/** Where a stream goes. Blocks. */
public interface Sink {

  /** Returns when the lines are safely there; fails, or waits and tries again, if they are not. */
  void send(List<String> lines) throws IOException, InterruptedException;
}
