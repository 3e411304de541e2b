/**
 * How a gateway that does not hold the root key gets the key of each chain that it opens: it asks
 * the log's signer through a table of the log's own database, under a secret that both share, and
 * the answer can be read by the asking process alone. Knows the chain's keys and JDBC; the rows are
 * in {@code V202611211640}.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.audit.issuing;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
