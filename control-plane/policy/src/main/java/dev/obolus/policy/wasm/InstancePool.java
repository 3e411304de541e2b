// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * As many instances as there are cores. Nobody waits for one: an empty pool says so. An instance
 * that is not given back is replaced by a fresh one, off the path.
 */
final class InstancePool {
  private static final Logger LOG = LoggerFactory.getLogger(InstancePool.class);
  private final PolicyModule module;
  private final Executor rebuilding;
  private final AtomicReferenceArray<@Nullable PolicyInstance> free;

  InstancePool(PolicyModule module, int size, Executor rebuilding) throws UnloadablePolicy {
    this.module = module;
    this.rebuilding = rebuilding;
    List<PolicyInstance> instances = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      instances.add(module.instantiate());
    }
    this.free = new AtomicReferenceArray<>(instances.toArray(new PolicyInstance[0]));
  }

  /** An instance for this thread alone, or null if all are taken. */
  @Nullable PolicyInstance borrow() {
    for (int i = 0; i < free.length(); i++) {
      PolicyInstance instance = free.get(i);
      if (instance != null && free.compareAndSet(i, instance, null)) {
        return instance;
      }
    }
    return null;
  }

  void giveBack(PolicyInstance instance) {
    for (int i = 0; i < free.length(); i++) {
      if (free.get(i) == null && free.compareAndSet(i, null, instance)) {
        return;
      }
    }
  }

  /** Instead of giving back one whose state is not known. */
  void replace() {
    rebuilding.execute(() -> {
      try {
        giveBack(module.instantiate());
      } catch (UnloadablePolicy e) {
        LOG.atError().setCause(e).log("a policy instance could not be replaced");
      }
    });
  }
}
