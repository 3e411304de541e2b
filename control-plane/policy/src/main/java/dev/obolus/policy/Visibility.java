// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy;

import dev.obolus.terms.ResourceName;
import java.util.Set;

/** What a caller could ever be allowed to ask of an operation. */
public sealed interface Visibility {

  /** These; a permit for any of them is still to be asked for. */
  record Seen(Set<ResourceName> resources) implements Visibility {
    public Seen {
      resources = Set.copyOf(resources);
    }
  }

  /** Policy could not say, so nothing is to be shown. */
  record Untold(EngineFault fault) implements Visibility {}
}
