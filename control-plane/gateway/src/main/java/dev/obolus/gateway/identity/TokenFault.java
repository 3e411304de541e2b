// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import java.util.Locale;

/** What is wrong with a presented token: one fact each, and never a word of the token itself. */
public enum TokenFault {
  NOT_A_BEARER_TOKEN("The Authorization header is not one bearer token."),
  TOKEN_OVERSIZE("The access token is larger than is read."),
  TOKEN_UNREADABLE("What was presented is not a signed access token."),
  TOKEN_ALGORITHM("The access token is not signed with RS256."),
  TOKEN_VERSION("The access token's version is not one that is accepted."),
  TOKEN_CONSUMER(
      "The access token is of a personal Microsoft account; a work or school account is needed."),
  TOKEN_TENANT("The access token's tenant is not one that is served here."),
  TOKEN_KEY_UNKNOWN("The access token's signing key is not one that its issuer publishes."),
  TOKEN_SIGNATURE("The access token's signature does not verify."),
  TOKEN_ISSUER("The access token's issuer is not the one of its tenant."),
  TOKEN_KEY_ISSUER("The access token's signing key belongs to another issuer."),
  TOKEN_IS_ID_TOKEN(
      "What was presented is an ID token; an access token for this gateway is needed."),
  TOKEN_AUDIENCE("The access token is meant for another application."),
  TOKEN_EXPIRED("The access token has expired."),
  TOKEN_NOT_YET_VALID("The access token is not valid yet."),
  TOKEN_SUBJECT("The access token does not say for whom it is."),
  TOKEN_CLIENT("The access token was issued to an application that may not call here."),
  TOKEN_SCOPE_MISSING("The access token was given no scope at all."),
  TOKEN_SCOPE("The access token lacks the scope that is needed here.");

  private final String sentence;

  TokenFault(String sentence) {
    this.sentence = sentence;
  }

  /** The wire word, lower-case. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** A sentence for a human. */
  public String sentence() {
    return sentence;
  }
}
