// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.AuditEvent;

/**
 * The stable code of an event: four digits for what happened, a letter for how it ended: A allowed
 * or done, D denied, S step-up, H held for approval, F failed, C cancelled.
 */
public enum EventCode {
  OBO0001A("open"),
  OBO0002A("close"),
  OBO0003A("tombstone"),
  OBO0004A("clock"),
  OBO0005A("recovery"),
  OBO1001A("decided"),
  OBO1001D("decided"),
  OBO1001S("decided"),
  OBO1001H("decided"),
  OBO1002A("served"),
  OBO1002F("failed"),
  OBO1002C("cancelled"),
  OBO2001D("rejected"),
  OBO3001A("signed_in"),
  OBO3002A("operator_acted"),
  OBO3002D("operator_acted"),
  OBO3003A("erased"),
  OBO3004A("pruned"),
  OBO3005A("approval"),
  OBO3005H("approval"),
  OBO3006A("frozen"),
  OBO3007A("unfrozen"),
  OBO4001A("policy_changed"),
  OBO4001F("policy_changed"),
  OBO5001A("key_issued"),
  OBO5001D("key_refused"),
  OBO5002A("key_withdrawn");

  private final String event;

  EventCode(String event) {
    this.event = event;
  }

  /** The event's word. */
  public String event() {
    return event;
  }

  static EventCode of(Sealable what) {
    return switch (what) {
      case Sealable.Open ignored -> OBO0001A;
      case Sealable.Close ignored -> OBO0002A;
      case Sealable.Tombstone ignored -> OBO0003A;
      case Sealable.ClockStep ignored -> OBO0004A;
      case Sealable.Recovery ignored -> OBO0005A;
      case Sealable.Orphan ignored -> OBO1002F;
      case Sealable.Event event -> of(event.event());
    };
  }

  private static EventCode of(AuditEvent event) {
    return switch (event) {
      case AuditEvent.Decided decided -> ofEffect(decided.effect());
      case AuditEvent.Served ignored -> OBO1002A;
      case AuditEvent.Failed ignored -> OBO1002F;
      case AuditEvent.Cancelled ignored -> OBO1002C;
      case AuditEvent.Rejected ignored -> OBO2001D;
      case AuditEvent.SignedIn ignored -> OBO3001A;
      case AuditEvent.OperatorActed acted -> ofResult(acted.result());
      case AuditEvent.Erased ignored -> OBO3003A;
      case AuditEvent.Pruned ignored -> OBO3004A;
      case AuditEvent.Frozen ignored -> OBO3006A;
      case AuditEvent.Unfrozen ignored -> OBO3007A;
      case AuditEvent.PolicyChanged changed ->
          changed.result().equals("activated") ? OBO4001A : OBO4001F;
      case AuditEvent.KeyIssued ignored -> OBO5001A;
      case AuditEvent.KeyRefused ignored -> OBO5001D;
      case AuditEvent.KeyWithdrawn ignored -> OBO5002A;
      case AuditEvent.Opened ignored -> OBO0001A;
    };
  }

  private static EventCode ofResult(String result) {
    return switch (result) {
      case "proposed" -> OBO3005H;
      case "agreed" -> OBO3005A;
      case "refused" -> OBO3002D;
      default -> OBO3002A;
    };
  }

  private static EventCode ofEffect(String effect) {
    return switch (effect) {
      case "allow" -> OBO1001A;
      case "deny" -> OBO1001D;
      case "step_up" -> OBO1001S;
      case "approval_needed" -> OBO1001H;
      default -> throw new IllegalArgumentException("not an effect: " + effect);
    };
  }
}
