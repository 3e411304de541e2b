/**
 * What may leave the log, and how exactly that is named: plans of prunes. Reads the database over
 * JDBC and removes nothing; the database itself does, by the record that a plan became. Imports the
 * log's words and {@code integrator}'s reading of the tree.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.audit.retention;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
