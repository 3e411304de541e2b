// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.graph;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Import;

/** Adds a connector for each {@code obolus.connectors.<id>} with {@code type: graph}. */
@AutoConfiguration
@Import(ConfiguredConnectors.class)
final class GraphAutoConfiguration {}
