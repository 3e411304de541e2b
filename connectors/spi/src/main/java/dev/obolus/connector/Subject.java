// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector;

import java.util.Set;

/**
 * The person on whose behalf a source may be called, with the token that proves it.
 *
 * @param tenant the token's {@code tid}
 * @param objectId the token's {@code oid}
 * @param client the application that presented the token ({@code azp} or {@code appid})
 * @param capabilities the client's {@code xms_cc}, lower-case
 */
public record Subject(
    String tenant, String objectId, String client, Set<String> capabilities, SubjectToken token) {
  public Subject {
    capabilities = Set.copyOf(capabilities);
  }
}
