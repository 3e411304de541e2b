// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import static dev.obolus.audit.chain.Tag.Kind.BYTES;
import static dev.obolus.audit.chain.Tag.Kind.COMMITTED;
import static dev.obolus.audit.chain.Tag.Kind.JSON;
import static dev.obolus.audit.chain.Tag.Kind.TEXT;
import static dev.obolus.audit.chain.Tag.Kind.TEXTS;
import static dev.obolus.audit.chain.Tag.Kind.WHOLE;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The fields of canonical bytes, version 1: number, kind, name. A number is never used again for
 * anything else; fields stand in ascending order of number.
 */
public enum Tag {
  ORIGIN(1, TEXT),
  CHAIN(2, BYTES),
  SEQ(3, WHOLE),
  TENANT(4, TEXT),
  TENANT_SEQ(5, WHOLE),
  EVENT_ID(6, BYTES),
  KEY_ID(7, TEXT),
  AT(8, WHOLE),
  CODE(9, TEXT),

  DECISION_ID(16, TEXT),
  PERSON(17, TEXT),
  PERSON_VALUE(18, COMMITTED),
  CLIENT(19, TEXT),
  AGENT(20, TEXT),
  STRENGTH(21, TEXT),
  VIA(22, TEXTS),
  LANE(23, TEXT),
  ENVIRONMENT(24, TEXT),
  CONNECTOR(25, TEXT),
  OPERATION(26, TEXT),
  ACTION_CLASS(27, TEXT),
  RESOURCES(28, TEXTS),
  LABELS(29, JSON),
  PURPOSE(30, TEXT),
  CONVERSATION(31, TEXT),
  TRACE(32, TEXT),
  TOKEN_ID(33, TEXT),
  CLIENT_REQUEST_ID(34, TEXT),
  EFFECT(35, TEXT),
  REASONS(36, TEXTS),
  REASON_DETAILS(37, JSON),
  OBLIGATION_KINDS(38, TEXTS),
  REVISION(39, TEXT),
  EVALUATOR(40, TEXT),
  TOOK_US(41, WHOLE),
  STATEMENT(42, COMMITTED),
  OBLIGATIONS(43, COMMITTED),
  INPUTS(44, COMMITTED),

  PERMIT_CHAIN(48, BYTES),
  PERMIT_SEQ(49, WHOLE),
  ROWS(50, WHOLE),
  BYTES_READ(51, WHOLE),
  ENTRA_CORRELATION_ID(52, TEXT),
  UPSTREAM_IDS(53, TEXTS),
  TRUNCATED(54, WHOLE),
  WITHHELD_KINDS(55, TEXTS),
  ERROR_CODE(56, TEXT),
  BY_SOURCE(57, WHOLE),
  SOURCE_STATE(58, TEXT),

  FROM(64, WHOLE),
  TO(65, WHOLE),
  COUNTS(66, JSON),

  ROLES(72, TEXTS),
  ACTION(73, TEXT),
  ABOUT(74, TEXT),
  RESULT(75, TEXT),
  PREVIOUS_REVISION(76, TEXT),
  SOURCE(77, TEXT),

  SETTINGS(80, JSON),
  EARLIER_HEADS(81, TEXTS),
  KEY_COMMITMENT(82, BYTES),
  SCHEMA_VERSION(83, TEXT),
  REASON(84, TEXT),
  ERASED_KEYS(85, BYTES),
  PROPOSAL(86, TEXT),

  VALUE_KEYS(88, BYTES),
  VALUE_DIGESTS(89, BYTES),

  PREDECESSOR(96, TEXT),
  PREDECESSOR_MAC(97, BYTES),
  REVOKED_KEYS(98, TEXTS),

  PRUNED_EPOCH(104, WHOLE),
  PRUNED_TENANTS(105, TEXTS),
  PRUNED_CHAINS(106, TEXTS),
  PRUNED_TREE(107, TEXT),
  RETENTION(108, TEXT),
  APPROVERS(109, TEXTS),
  EXPORT(110, TEXT),
  EXPORT_SHA256(111, BYTES);

  /** How a field's bytes are to be read. */
  public enum Kind {
    /** UTF-8. */
    TEXT(1),
    /** Eight bytes, two's complement, big-endian. */
    WHOLE(2),
    BYTES(3),
    /** Texts, each with its length before it. */
    TEXTS(4),
    /** UTF-8 of JSON without white space. */
    JSON(5),
    /** The 32 bytes of a commitment. */
    COMMITTED(6);

    private final byte code;

    Kind(int code) {
      this.code = (byte) code;
    }

    /** The byte that stands for it. */
    public byte code() {
      return code;
    }
  }

  private static final Map<Integer, Tag> BY_NUMBER =
      Arrays.stream(values()).collect(Collectors.toMap(Tag::number, Function.identity()));

  private final int number;
  private final Kind kind;

  Tag(int number, Kind kind) {
    this.number = number;
    this.kind = kind;
  }

  public int number() {
    return number;
  }

  public Kind kind() {
    return kind;
  }

  /** The name under which readers see the field. */
  public String label() {
    return this == BYTES_READ ? "bytes" : name().toLowerCase(Locale.ROOT);
  }

  static Tag require(int number) {
    Tag tag = BY_NUMBER.get(number);
    if (tag == null) {
      throw new IllegalArgumentException("no field has the number " + number);
    }
    return tag;
  }
}
