/**
 * The database's schema, as Flyway migrations, and the one class that applies them. It runs as the
 * database's owner ({@code obolus migrate}), never inside a gateway.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.migrations;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
