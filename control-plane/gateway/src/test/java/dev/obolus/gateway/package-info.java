/** The whole gateway. */
@NullMarked
@CheckReturnValue
package dev.obolus.gateway;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
