/**
 * The kit that every connector's test inherits: over the wire, against a source that misbehaves on
 * demand, it shows whose token travels, that limits and obligations hold, and that hostile answers
 * are contained. Imports {@code spi}, JUnit and AssertJ; used in test scope only.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.connector.conformance;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
