/**
 * The shared on-behalf-of primitive: a person's token becomes one that a source takes, and only for
 * that person. Exchange, cache, single flight and what Entra's refusals mean. Imports {@code spi};
 * reaches the gateway by Spring Boot auto-configuration only.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.connector.obo;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
