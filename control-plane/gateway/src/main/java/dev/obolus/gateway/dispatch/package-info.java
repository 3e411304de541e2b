/**
 * Choosing a connector, bounding its call, and translating what came of it: the one boundary where
 * a source's failure, an exception or a silence becomes an {@link dev.obolus.gateway.ErrorCode}.
 * Imports {@code spi} and the error codes; knows nothing of policy or audit.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.gateway.dispatch;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
