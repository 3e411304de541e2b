// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.fsck.Parsed.Malformed;
import java.security.MessageDigest;

/** Checks the values that stand beside a record against what the record is committed to. */
final class Commitments {
  private static final byte[] COMMIT = VerifierKey.domain("commit");
  private static final int SALT_LENGTH = 16;

  /** Fields, in the order of their pairs of columns. */
  private static final int[] COMMITTED = {
    Parsed.PERSON_VALUE, Parsed.STATEMENT, Parsed.OBLIGATIONS, Parsed.INPUTS
  };

  private final MessageDigest sha256;

  Commitments(MessageDigest sha256) {
    this.sha256 = sha256;
  }

  void check(RawRow row, Parsed parsed) throws Faulty, Malformed {
    for (int i = 0; i < COMMITTED.length; i++) {
      int number = COMMITTED[i];
      int value = RawRow.VALUES + 2 * i;
      int salt = value + 1;
      if (!parsed.has(number)) {
        if (!row.isNull(value) || !row.isNull(salt)) {
          throw new Faulty(Fault.VALUE_EXTRA, row.seq(), "field " + number);
        }
      } else if (row.isNull(value) || row.isNull(salt)) {
        throw new Faulty(Fault.VALUE_MISSING, row.seq(), "field " + number);
      } else if (row.length(salt) != SALT_LENGTH
          || !parsed.holds(number, commitment(row, number, value, salt))) {
        throw new Faulty(Fault.COMMITMENT, row.seq(), "field " + number);
      }
    }
  }

  private byte[] commitment(RawRow row, int number, int value, int salt) {
    sha256.update(COMMIT);
    sha256.update((byte) 0);
    sha256.update((byte) number);
    sha256.update(row.bytes(), row.start(salt), row.length(salt));
    sha256.update(row.bytes(), row.start(value), row.length(value));
    return sha256.digest();
  }
}
