/**
 * Personal values: hidden under keys that can be destroyed, found again by handles that mean
 * nothing without the root key. A value is readable only while every key named in its record is
 * there; keys are stored only wrapped by a key-encryption key, which is a port. Imports {@code
 * chain} for its hashing; knows no database.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.audit.personal;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
