// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import java.security.MessageDigest;
import java.util.Arrays;

/** Checks the values that stand beside a record against what the record is committed to. */
final class Commitments {
  private static final byte[] COMMIT = VerifierKey.domain("commit");
  private static final int SALT_LENGTH = 16;

  /** Fields, in the order of their pairs of columns. */
  private static final int[] COMMITTED = {
    Parsed.PERSON_VALUE, Parsed.STATEMENT, Parsed.OBLIGATIONS, Parsed.INPUTS
  };

  private static final String[] FIELDS =
      Arrays.stream(COMMITTED).mapToObj(number -> "field " + number).toArray(String[]::new);

  private static final int DIGEST_ENTRY = 34;

  private final MessageDigest sha256;
  private final ValueKeys values;
  private final ChainId chain;

  Commitments(ChainId chain, MessageDigest sha256, ValueKeys values) {
    this.chain = chain;
    this.sha256 = sha256;
    this.values = values;
  }

  void check(RawRow row, Parsed parsed) throws Faulty, Malformed {
    if (parsed.has(Parsed.VALUE_KEYS)) {
      hidden(row, parsed);
    } else {
      open(row, parsed);
    }
  }

  /** Values under keys: bound to the record by digests; unreadable ones need an erasure. */
  private void hidden(RawRow row, Parsed parsed) throws Faulty, Malformed {
    byte[] names = parsed.bytes(Parsed.VALUE_KEYS);
    boolean erased = values.erased(names);
    Faulty.unless(
        erased || values.present(names) || mayBeErased(names, row, parsed),
        Fault.VALUE_KEY,
        row,
        "");
    byte[] digests = parsed.bytes(Parsed.VALUE_DIGESTS);
    int at = 0;
    for (int i = 0; i < COMMITTED.length; i++) {
      int number = COMMITTED[i];
      String field = FIELDS[i];
      int value = RawRow.VALUES + 2 * i;
      Faulty.unless(row.isNull(value + 1), Fault.VALUE_EXTRA, row, field);
      if (!parsed.has(number)) {
        Faulty.unless(row.isNull(value), Fault.VALUE_EXTRA, row, field);
        continue;
      }
      if (digests.length < at + DIGEST_ENTRY
          || digests[at] != 0
          || digests[at + 1] != (byte) number) {
        throw new Malformed("value digests");
      }
      if (!erased) {
        Faulty.unless(!row.isNull(value), Fault.VALUE_MISSING, row, field);
        sha256.update(row.bytes(), row.start(value), row.length(value));
        Faulty.unless(
            Arrays.equals(sha256.digest(), 0, 32, digests, at + 2, at + DIGEST_ENTRY),
            Fault.VALUE,
            row,
            field);
      }
      at += DIGEST_ENTRY;
    }
    if (at != digests.length) {
      throw new Malformed("value digests");
    }
  }

  private boolean mayBeErased(byte[] names, RawRow row, Parsed parsed) throws Malformed {
    return values.mayBeErased(
        names, parsed.text(Parsed.TENANT), new StoredTree.Place(chain, row.seq()));
  }

  /** Values in the open, as they were before there were keys. */
  private void open(RawRow row, Parsed parsed) throws Faulty, Malformed {
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
