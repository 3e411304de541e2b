// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.databricks;

import dev.obolus.connector.Connector;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.conformance.ConnectorConformance;
import dev.obolus.connector.conformance.SourceDialect;
import java.net.URI;

class DatabricksConformanceTest extends ConnectorConformance {

  @Override
  protected Connector connector(URI source) {
    return DatabricksConnector.of(
        new ConnectorId("databricks-sales"), Tables.at(source), java.util.List.of());
  }

  @Override
  protected SourceDialect dialect() {
    return new StatementApiDialect(canary());
  }
}
