// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

/** A fault of the tree; the index is that of the first entry that may be concerned. */
final class TreeFaulty extends Exception {
  private static final long serialVersionUID = 1L;
  private final long index;
  private final Fault fault;

  TreeFaulty(long index, Fault fault, String sentence) {
    super(sentence, null, false, false);
    this.index = index;
    this.fault = fault;
  }

  long index() {
    return index;
  }

  Fault fault() {
    return fault;
  }
}
