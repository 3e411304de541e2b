// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.readiness;

import java.util.function.BooleanSupplier;

/**
 * One thing without which nothing can be served.
 *
 * @param name a word for the log
 * @param holds asked at every look; answers at once
 */
public record Fitness(String name, BooleanSupplier holds) {}
