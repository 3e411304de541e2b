// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import java.time.Duration;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long the log keeps what it knows of persons.
 *
 * @param minimum nobody with a younger record is forgotten; half a year, unless it is set
 * @param legalHolds tenants of which nobody is forgotten
 */
@ConfigurationProperties("obolus.audit.retention")
record RetentionSettings(
    @DefaultValue("183d") Duration minimum, @DefaultValue Set<String> legalHolds) {}
