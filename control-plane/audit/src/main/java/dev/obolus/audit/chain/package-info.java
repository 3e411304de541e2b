/**
 * How a record is sealed: canonical bytes, commitments, leaf, MAC, keys. Pure Java, specified byte
 * by byte in {@code docs/audit-format.md}; no Spring, no Reactor, and no verifier: that one is
 * written a second time in {@code fsck}.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.audit.chain;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
