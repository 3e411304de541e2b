/** Measurements: micro-benchmarks (JMH) and the load run. Numbers are reported, never asserted. */
@NullMarked
@CheckReturnValue
package dev.obolus.bench;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
