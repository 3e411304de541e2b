/** Stand-ins that the front doors are tested with. */
@NullMarked
@CheckReturnValue
package dev.obolus.gateway.testing;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
