// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.DataTenants;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may operate. Nobody, unless it is set.
 *
 * @param audience of the operator API: an Entra application of its own
 * @param clients the console's and the CLI's application
 * @param tenants whose roles count
 * @param scope that the token must carry
 * @param dataTenants by operators' tenant, whose records its operators see; itself, if not listed
 */
@ConfigurationProperties("obolus.operator")
record OperatorSettings(
    @DefaultValue("") String audience,
    @DefaultValue Set<String> clients,
    @DefaultValue Set<String> tenants,
    @DefaultValue("operate") String scope,
    @DefaultValue Map<String, Set<String>> dataTenants) {

  Set<String> visibleTo(Operator operator) {
    return new DataTenants(dataTenants).of(operator.person().tenant());
  }
}
