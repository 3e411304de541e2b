// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit;

/** A record's personal value, asked for. */
public sealed interface Revealed {

  /**
   * The value, which is the one that the record is committed to.
   *
   * @param salt 16 bytes: with it, whoever is shown the value can compute the commitment
   */
  record Value(String value, Bytes salt) implements Revealed {
    @Override
    public String toString() {
      return "Revealed.Value[…]";
    }
  }

  /** A key of it was destroyed: nobody can read it. */
  record Erased() implements Revealed {}

  /** What is stored is not what was sealed. */
  record Altered() implements Revealed {}

  /** There is no such record in these tenants, or it has no such value. */
  record Nothing() implements Revealed {}
}
