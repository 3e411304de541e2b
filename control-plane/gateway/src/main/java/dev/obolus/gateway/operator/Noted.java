// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.ChainId;
import dev.obolus.gateway.operator.LogVerification.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a verification lists beside its verdict: nothing of it is a fault. Each is of a tenant and
 * told to whom may see that tenant's records.
 *
 * @param undestroyed keys that are erased on record and still there
 * @param awaited records whose key is gone by an erasure that is not signed yet
 * @param cut the names of lists that go on
 */
public record Noted(
    List<Prune> prunes,
    List<Undestroyed> undestroyed,
    List<OpenPermit> openPermits,
    List<Awaited> awaited,
    List<String> cut) {
  /** Of each list so many are told at most. */
  public static final int MOST = 100;

  public static final Noted NOTHING =
      new Noted(List.of(), List.of(), List.of(), List.of(), List.of());

  public Noted {
    prunes = List.copyOf(prunes);
    undestroyed = List.copyOf(undestroyed);
    openPermits = List.copyOf(openPermits);
    awaited = List.copyOf(awaited);
    cut = List.copyOf(cut);
  }

  /**
   * A chain's records of a month that a sealed prune names.
   *
   * @param tenants whose they are
   * @param by the prune's record
   * @param removed whether they are gone; if not, the prune was not carried out yet
   */
  public record Prune(
      ChainId chain, int epoch, Set<String> tenants, long records, Place by, boolean removed) {
    public Prune {
      tenants = Set.copyOf(tenants);
    }
  }

  /**
   * @param key the key's name, in hex
   * @param by the erasure's record
   */
  public record Undestroyed(String tenant, String key, Place by) {}

  public record OpenPermit(String tenant, Place place, String decisionId) {}

  /**
   * @param by the erasure's record
   */
  public record Awaited(String tenant, Place place, Place by) {}

  /** What is of these tenants alone, and of each list no more than is told. */
  Noted of(Set<String> visible) {
    List<String> longer = new ArrayList<>();
    return new Noted(
        told(
            "pruned",
            prunes.stream().filter(one -> visible.containsAll(one.tenants())).toList(),
            longer),
        told(
            "undestroyed",
            undestroyed.stream().filter(one -> visible.contains(one.tenant())).toList(),
            longer),
        told(
            "open_permits",
            openPermits.stream().filter(one -> visible.contains(one.tenant())).toList(),
            longer),
        told(
            "awaited",
            awaited.stream().filter(one -> visible.contains(one.tenant())).toList(),
            longer),
        longer);
  }

  private static <T> List<T> told(String name, List<T> all, List<String> longer) {
    if (all.size() > MOST) {
      longer.add(name);
    }
    return all.stream().limit(MOST).toList();
  }
}
