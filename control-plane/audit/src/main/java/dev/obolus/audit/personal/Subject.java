// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.personal;

import dev.obolus.audit.AuditEvent.Person;
import dev.obolus.audit.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Whose a value is: a person who signed in, an e-mail address that a statement or an input names,
 * or the tenant as a whole. Each has keys of its own, in every tenant apart.
 */
public record Subject(Kind kind, String tenant, String id) {

  /** What is known of whom. */
  public enum Kind {
    TENANT(1),
    PERSON(2),
    EMAIL(3);

    private final byte code;

    Kind(int code) {
      this.code = (byte) code;
    }
  }

  public static Subject tenant(String tenant) {
    return new Subject(Kind.TENANT, tenant, "");
  }

  public static Subject person(Person person) {
    return new Subject(Kind.PERSON, person.tenant(), person.objectId());
  }

  /** Addresses are the same in upper and lower case. */
  public static Subject email(String tenant, String address) {
    return new Subject(Kind.EMAIL, tenant, address.toLowerCase(Locale.ROOT));
  }

  /** Its bytes, injective: a handle is made of them. */
  public Bytes bytes() {
    byte[] where = tenant.getBytes(StandardCharsets.UTF_8);
    byte[] who = id.getBytes(StandardCharsets.UTF_8);
    return Bytes.of(
        ByteBuffer.allocate(9 + where.length + who.length)
            .put(kind.code)
            .putInt(where.length)
            .put(where)
            .putInt(who.length)
            .put(who)
            .array());
  }

  @Override
  public String toString() {
    return "Subject[" + kind + "]";
  }
}
