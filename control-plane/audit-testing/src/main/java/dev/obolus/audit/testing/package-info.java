/**
 * What a log must do, as a suite that every {@code AuditLog} runs, and a log in memory for tests of
 * those who write to one. Never in production: nothing in main scope depends on this module.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.audit.testing;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
