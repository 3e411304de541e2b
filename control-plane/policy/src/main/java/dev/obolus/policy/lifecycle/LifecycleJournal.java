// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.lifecycle;

import dev.obolus.policy.Revision;
import dev.obolus.policy.opa.Finding;
import java.time.Duration;
import java.util.List;

/** Hears what became of a change. Called on the workshop's own thread; may block it. */
public interface LifecycleJournal {

  /**
   * The change is fit to decide, and does once this returns. What has to be durable first is
   * awaited here; an exception leaves {@code before} deciding.
   */
  void activating(Revision revision, Revision before) throws InterruptedException;

  /**
   * The change decides from now on.
   *
   * @param took from noticing it until it decided
   * @param warnings what a reviewer would mind
   */
  void activated(Revision revision, Revision before, Duration took, List<Finding> warnings);

  /**
   * The change is not taken; {@code active} goes on deciding.
   *
   * @param findings at least one, each with file and line where these are known
   */
  void refused(Revision active, List<Finding> findings) throws InterruptedException;
}
