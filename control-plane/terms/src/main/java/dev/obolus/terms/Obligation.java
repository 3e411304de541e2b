// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.terms;

/**
 * A condition that comes with a permit. It is met, or the request is refused; there is no best
 * effort. An obligation this type cannot express is unknown, and an unknown obligation denies.
 */
public sealed interface Obligation {

  Kind kind();

  /** Only rows for which the predicate holds may be read. */
  record RowFilter(ResourceName resource, Predicate predicate) implements Obligation {
    @Override
    public Kind kind() {
      return Kind.ROW_FILTER;
    }
  }

  /** The column's values are replaced wherever the caller mentions it. */
  record ColumnMask(ResourceName resource, String column, Mask mask) implements Obligation {
    @Override
    public Kind kind() {
      return Kind.COLUMN_MASK;
    }
  }

  /** At most this many rows are answered. */
  record MaxRows(int rows) implements Obligation {
    public MaxRows {
      if (rows < 1) {
        throw new IllegalArgumentException("a row limit is at least 1");
      }
    }

    @Override
    public Kind kind() {
      return Kind.MAX_ROWS;
    }
  }

  /** At most this many bytes of values are answered. */
  record MaxBytes(long bytes) implements Obligation {
    public MaxBytes {
      if (bytes < 1) {
        throw new IllegalArgumentException("a byte limit is at least 1");
      }
    }

    @Override
    public Kind kind() {
      return Kind.MAX_BYTES;
    }
  }

  /** The kinds, by their wire words. */
  enum Kind {
    ROW_FILTER("row_filter"),
    COLUMN_MASK("column_mask"),
    MAX_ROWS("max_rows"),
    MAX_BYTES("max_bytes");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }
}
