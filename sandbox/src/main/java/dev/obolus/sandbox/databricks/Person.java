// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.databricks;

/**
 * Whose token came.
 *
 * @param objectId the token's {@code oid}
 * @param application the application that exchanged it
 */
public record Person(String objectId, String application) {
  /** The database role that stands for the person at the source. */
  String role() {
    return "person_" + objectId.replace("-", "");
  }
}
