// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.AuditEvent;
import java.util.List;

/** Who the people are whom the log knows by pseudonyms. Blocks. */
@FunctionalInterface
public interface People {

  List<Named> all() throws Exception;

  record Named(AuditEvent.Person person, String name) {
    public static Named of(String tenant, String objectId, String name) {
      return new Named(new AuditEvent.Person(tenant, objectId), name);
    }
  }
}
