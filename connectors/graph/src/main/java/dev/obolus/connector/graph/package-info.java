/**
 * What a person may read of himself at Microsoft Graph: for now, the groups that he belongs to. The
 * only package that knows Graph's words. Imports {@code spi}, {@code obo} and {@code terms}.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.connector.graph;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
