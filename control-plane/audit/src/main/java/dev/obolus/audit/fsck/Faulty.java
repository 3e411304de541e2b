// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

/** A fault, and at which place of the chain. */
final class Faulty extends Exception {
  private static final long serialVersionUID = 1L;
  private final Fault fault;
  private final long seq;
  private final String detail;

  Faulty(Fault fault, long seq, String detail) {
    super(fault.name(), null, false, false);
    this.fault = fault;
    this.seq = seq;
    this.detail = detail;
  }

  Fault fault() {
    return fault;
  }

  long seq() {
    return seq;
  }

  String detail() {
    return detail;
  }

  static void unless(boolean sound, Fault fault, RawRow row, String detail) throws Faulty {
    if (!sound) {
      throw new Faulty(fault, row.seq(), detail);
    }
  }
}
