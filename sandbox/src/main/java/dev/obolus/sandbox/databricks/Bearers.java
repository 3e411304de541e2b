// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.databricks;

import java.util.Optional;

/** Tells whose token it is: signature, audience and expiry are its business. */
@FunctionalInterface
public interface Bearers {
  /** Empty where the token is not one for this workspace. */
  Optional<Person> check(String token);
}
