/** Tests of this room. */
@NullMarked
@CheckReturnValue
package dev.obolus.gateway.operator;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
