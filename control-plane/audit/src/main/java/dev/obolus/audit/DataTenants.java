// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Whose records an operator may see: the one rule of the operators' API and of the console. An
 * operator of a tenant that is not listed sees that tenant's own and no other's; one of a tenant
 * that is listed sees exactly what the list says. What lies outside is answered as if it did not
 * exist.
 *
 * @param listed by the operators' tenant, the tenants of the data
 */
public record DataTenants(Map<String, Set<String>> listed) {
  public DataTenants {
    listed =
        listed.entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(Map.Entry::getKey, one -> Set.copyOf(one.getValue())));
  }

  /** What the operators of this tenant may see. */
  public Set<String> of(String operatorTenant) {
    return listed.getOrDefault(operatorTenant, Set.of(operatorTenant));
  }

  /** As the chain's first record names it: {@code operators'=data,data …}, sorted. */
  @Override
  public String toString() {
    return new TreeMap<>(listed)
        .entrySet().stream()
            .map(one -> one.getKey() + "=" + String.join(",", new TreeSet<>(one.getValue())))
            .collect(Collectors.joining(" "));
  }
}
