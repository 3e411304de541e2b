/** Tests of this room. */
@NullMarked
@CheckReturnValue
package dev.obolus.gateway.identity;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
