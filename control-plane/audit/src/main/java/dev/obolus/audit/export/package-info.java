/**
 * The log for others: evidence that can be checked, events for a SIEM, a stream that never stands
 * in the way of a decision. Reads the views only, so no personal value is in what it writes.
 * Blocks; imports the record types, {@code chain} for reading canonical bytes and {@code tree} for
 * signing.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.audit.export;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
