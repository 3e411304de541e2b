// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long the log keeps records, and what it knows of persons.
 *
 * @param minimum no younger record is pruned, and nobody with one forgotten; half a year, unless it
 *     is set
 * @param legalHolds tenants of which nothing is pruned and nobody forgotten
 * @param months how many months a tenant's records are kept after the month they are of
 * @param tenants the same for single tenants, where it is another number
 */
@ConfigurationProperties("obolus.audit.retention")
record RetentionSettings(
    @DefaultValue("183d") Duration minimum,
    @DefaultValue Set<String> legalHolds,
    @DefaultValue("13") int months,
    @DefaultValue Map<String, Integer> tenants) {
  RetentionSettings {
    if (months < 1 || tenants.values().stream().anyMatch(kept -> kept < 1)) {
      throw new IllegalArgumentException("obolus.audit.retention: at least one month is kept");
    }
  }

  /** From when on a tenant's records of that month may go, but for a legal hold. */
  Instant mayGo(String tenant, YearMonth month) {
    Instant over = beginning(month.plusMonths(1L + monthsOf(tenant)));
    Instant least = beginning(month.plusMonths(1)).plus(minimum);
    return over.isAfter(least) ? over : least;
  }

  /** The rule for these tenants, as the record of a prune says it. */
  String rule(Collection<String> of) {
    return of.stream()
            .sorted()
            .map(tenant -> tenant + "=" + monthsOf(tenant) + "m")
            .collect(Collectors.joining(" "))
        + " minimum="
        + minimum.toDays()
        + "d";
  }

  private int monthsOf(String tenant) {
    return tenants.getOrDefault(tenant, months);
  }

  private static Instant beginning(YearMonth month) {
    return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
  }
}
