// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.springframework.security.core.AuthenticationException;

/**
 * The token was not accepted.
 *
 * <p>Guarantees: the message is a sentence of ours; of the token it quotes at most an audience, a
 * tenant or scopes, in plain characters and cut short, and only so that a caller can see what was
 * expected instead.
 */
public final class TokenRefused extends AuthenticationException {
  private static final long serialVersionUID = 1L;
  private static final int MAX_QUOTED = 120;
  private static final Pattern NOT_PLAIN = Pattern.compile("[^A-Za-z0-9:/._\\- ]");
  private final TokenFault fault;

  public TokenRefused(TokenFault fault) {
    this(fault, fault.sentence());
  }

  private TokenRefused(TokenFault fault, String sentence) {
    super(sentence);
    this.fault = fault;
  }

  /** For a human: what is wrong, and what was expected where that helps. */
  public String sentence() {
    return Objects.requireNonNullElse(getMessage(), fault.sentence());
  }

  /** With what was expected, and what the token has in its place. */
  static TokenRefused instead(TokenFault fault, Set<String> expected, Set<String> got) {
    String given = got.isEmpty() ? "none" : quoted(got);
    return new TokenRefused(
        fault,
        fault.sentence() + " Expected " + quoted(expected) + "; the token has " + given + ".");
  }

  private static String quoted(Set<String> words) {
    String all = NOT_PLAIN.matcher(String.join(" or ", new TreeSet<>(words))).replaceAll("?");
    return all.length() <= MAX_QUOTED ? all : all.substring(0, MAX_QUOTED) + "…";
  }

  public TokenFault fault() {
    return fault;
  }

  /** A refusal is no fault of ours: it has no trace. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
