/**
 * The log in PostgreSQL: the writer (group commit by {@code COPY}), the reader and the feed, over
 * R2DBC. Imports {@code chain}; nothing of a gateway.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.audit.postgres;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
