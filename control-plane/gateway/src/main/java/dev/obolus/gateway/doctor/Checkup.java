// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.doctor;

import java.util.List;

/** One of the doctor's looks. May block: nothing else runs in this process. */
@FunctionalInterface
interface Checkup {

  /** What was found; an exception is a fault of its own, told by its class. */
  List<Finding> examine() throws Exception;
}
