/**
 * Refuses to start on unsafe settings, all of them told at once; says afterwards whether this
 * gateway is fit to serve. Imports {@code identity} and the settings.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.gateway.readiness;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
