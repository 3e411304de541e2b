/**
 * The kill switch: what is frozen, known without asking anybody at each request. The log itself is
 * the list; no table has a state that could be flipped. One thread reads it several times a second,
 * believes what a key vouches for, cancels the calls under way that a new freeze covers, and then
 * purges their tokens. Imports {@code spi}'s purge, {@code audit}'s ids and {@code identity}'s
 * facts; who may freeze is {@code operator}'s, where it is asked {@code mediation}'s.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.gateway.freeze;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
