/** Slice tests of the REST front door. */
@NullMarked
@CheckReturnValue
package dev.obolus.gateway.http;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
