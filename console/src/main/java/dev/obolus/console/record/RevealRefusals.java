// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console.record;

import dev.obolus.console.operator.Revelation;
import dev.obolus.console.reading.Entry.Place;
import dev.obolus.console.reading.Shown;
import dev.obolus.console.web.Page;
import dev.obolus.console.web.Page.Notice;
import java.util.Optional;
import org.springframework.http.HttpStatus;

/** Why a value is not shown, and what to do next. */
final class RevealRefusals {
  /** As long as a gateway takes it. */
  static final int LONGEST_REASON = 200;

  private RevealRefusals() {}

  static Page reasonless(Place place) {
    return notice(
        place,
        HttpStatus.BAD_REQUEST,
        "held",
        "A reason is needed",
        "A value is shown for a reason of 1 to "
            + LONGEST_REASON
            + " characters, which stands on the record. No gateway was asked.",
        "Go back and say in a few words what for; no names in it.");
  }

  static Page noGateway(Place place) {
    return notice(
        place,
        HttpStatus.SERVICE_UNAVAILABLE,
        "error",
        "No gateway can show it now",
        "None answers, or those that do cannot write the log or reach the key of the value. What"
            + " cannot be put on the record is not shown; where one was only too slow, the record may say"
            + " that it was.",
        "Try again in a moment. If it lasts, tell whoever runs the gateways.");
  }

  static Page page(Place place, Revelation.Refused refused) {
    return switch (refused.code()) {
      case "fresh_sign_in_required" ->
          notice(
              place,
              HttpStatus.FORBIDDEN,
              "held",
              "Sign in again to see it",
              "A value is shown only within five minutes of a sign-in, and yours is older. Nothing"
                  + " was shown; that you asked is on the record.",
              "Sign out, choose Sign in again on the page that follows, and open this record anew:"
                  + " its address is in your browser's history. If you are told this again at once, the operator application issues"
                  + " no auth_time; tell whoever runs the gateways.");
      case "role_required" ->
          notice(
              place,
              HttpStatus.FORBIDDEN,
              "deny",
              "Your roles do not cover this",
              "To see a value takes the role Soc or Auditor at the gateway. Nothing was shown; that"
                  + " you asked is on the record.",
              "Ask whoever assigns the roles of the operator application, then sign in again.");
      case "frozen" ->
          notice(
              place,
              HttpStatus.FORBIDDEN,
              "deny",
              "You are frozen",
              "An operator has stopped everything that is done as you. Nothing was shown; that you"
                  + " asked is on the record.",
              "Ask whoever watches over the gateways; repeating it does not help.");
      case "not_found" ->
          notice(
              place,
              HttpStatus.NOT_FOUND,
              "empty",
              "There is no such value for you",
              "The record does not exist, it is of another tenant, or no value is stored beside its"
                  + " seal: so it is with records that were pruned, or written before values were"
                  + " kept.",
              "Check the address, or find the record in the log.");
      case "invalid_token", "unauthenticated" ->
          notice(
              place,
              HttpStatus.FORBIDDEN,
              "stale",
              "The gateway does not take your sign-in",
              "Its time is over, or it was revoked. Nothing was shown.",
              "Sign out, sign in again, and open this record anew.");
      default ->
          notice(
              place,
              status(refused),
              "error",
              "The gateway refuses",
              Shown.of(refused.sentence()) + " (" + refused.status() + ")",
              refused.next().isEmpty()
                  ? "Tell whoever runs the gateways."
                  : Shown.of(refused.next()));
    };
  }

  private static HttpStatus status(Revelation.Refused refused) {
    return Optional.ofNullable(HttpStatus.resolve(refused.status())).orElse(HttpStatus.BAD_GATEWAY);
  }

  private static Page notice(
      Place place, HttpStatus status, String mark, String title, String cause, String next) {
    return Page.notice(
        status, new Notice(mark, title, cause, next, place.href(), "Back to the record"));
  }
}
