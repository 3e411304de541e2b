/**
 * The REST front door: sizes and shapes are checked here, once, and every refusal leaves as a
 * problem (RFC 9457). Imports {@code identity}, {@code mediation}, {@code audit} and the SPI.
 * {@code GET /v1/connectors} and {@code GET /v1/decisions/{id}} leave no record.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.gateway.http;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
