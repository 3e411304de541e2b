// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.rules;

import dev.obolus.sandbox.entra.EntraError;
import java.util.Locale;

/**
 * What Conditional Access may want of a sign-in. Each is met by signing in once more, as the
 * challenge's claims ask for; until then, tokens are refused with the number that Entra has for it.
 */
public enum Control {
  MFA(
      50076,
      "basic_action",
      "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource."),
  MFA_ENROLMENT(
      50079,
      "basic_action",
      "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access the resource."),
  DEVICE(
      53000, "additional_action", "Your device is required to be managed to access this resource."),
  LOCATION(
      53003,
      "message_only",
      "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance from this location."),
  RISK(53004, "additional_action", "User needs to enroll for multi-factor authentication: risk."),
  FREQUENCY(
      70043,
      "basic_action",
      "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access."),
  TERMS(
      50158,
      "basic_action",
      "External security challenge was not satisfied. The user must accept the terms of use.");

  private final int aadsts;
  private final String suberror;
  private final String text;

  Control(int aadsts, String suberror, String text) {
    this.aadsts = aadsts;
    this.suberror = suberror;
    this.text = text;
  }

  /** As rules, pages and sign-ins write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The challenge of one policy.
   *
   * @param error on behalf of somebody {@code interaction_required}, elsewhere {@code
   *     invalid_grant}
   */
  EntraError challenge(String error, String policy) {
    String claims =
        "{\"access_token\":{\"capolids\":{\"essential\":true,\"values\":[\"" + policy + "\"]}}}";
    return EntraError.of(error, aadsts, text).because(suberror).asking(claims);
  }
}
