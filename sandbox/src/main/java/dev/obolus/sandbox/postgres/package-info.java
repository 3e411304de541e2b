/**
 * A real PostgreSQL without Docker: the binaries that zonky packages for each platform, started
 * with durable settings and passwords. For the demo and for tests; nothing in production imports
 * it.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.sandbox.postgres;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
