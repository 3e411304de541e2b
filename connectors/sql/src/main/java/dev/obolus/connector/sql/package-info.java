/**
 * What every SQL source shares: structured queries, filters and masks written in the dialect, and
 * the proof that a caller's own statement is a read. Plans only; nothing here talks to a source.
 * Imports {@code spi}, {@code terms} and Spark's grammar.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.connector.sql;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
