// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import java.util.Map;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the console must be told as the gateways are.
 *
 * @param dataTenants by operators' tenant, whose records its operators see; itself, if not listed
 */
@ConfigurationProperties("obolus.operator")
record OperatorSettings(@DefaultValue Map<String, Set<String>> dataTenants) {}
