/**
 * The one verifier. It reads rows and recomputes everything with a decoder, a commitment and a key
 * derivation of its own: it shares no code with what wrote them, so that one mistake is not made
 * twice. Imports the record types of {@code dev.obolus.audit} only.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.audit.fsck;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
