// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.azure;

import com.microsoft.aad.msal4j.MsalClientException;
import com.microsoft.aad.msal4j.MsalJsonParsingException;
import com.microsoft.aad.msal4j.MsalServiceException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Obolus has no token of its own.
 *
 * <p>Guarantees: the sentence holds Entra's number and correlation id, no word of Entra's.
 */
public final class AppTokenFailure extends IOException {
  private static final long serialVersionUID = 1L;
  private static final Pattern NUMBER = Pattern.compile("AADSTS(\\d{4,8})");
  private static final Pattern ID = Pattern.compile("[0-9a-fA-F-]{36}");

  /** Class F of docs/identity.md: what says that the credential itself is not taken. */
  private static final Set<Integer> CREDENTIAL =
      Set.of(
          7000215, 7000222, 7000218, 70002, 700027, 700030, 50012, 50048, 700211, 700213, 700229,
          700024, 700021, 700212);

  private final Code code;
  private final int aadsts;
  private final transient Optional<Duration> retryAfter;

  /** Which kind of failure, the same word wherever it is told. */
  public enum Code {
    /** Entra, or the platform, does not take what this process shows. */
    OWN_CREDENTIAL_REFUSED,
    /** The application, its tenant or the resource is not as configured. */
    OWN_IDENTITY_MISCONFIGURED,
    /** No answer in time, or one that says later. */
    OWN_IDENTITY_UNAVAILABLE;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private AppTokenFailure(Code code, String sentence, int aadsts, Optional<Duration> retryAfter) {
    super(code.word() + ": " + sentence);
    this.code = code;
    this.aadsts = aadsts;
    this.retryAfter = retryAfter;
  }

  public Code code() {
    return code;
  }

  /** Entra's number, or 0. */
  public int aadsts() {
    return aadsts;
  }

  Optional<Duration> retryAfter() {
    return retryAfter;
  }

  static AppTokenFailure unavailable(String why) {
    return new AppTokenFailure(
        Code.OWN_IDENTITY_UNAVAILABLE,
        "no token for Obolus itself: " + why + "; it is tried again when it is needed.",
        0,
        Optional.empty());
  }

  static AppTokenFailure credential(String why) {
    return new AppTokenFailure(
        Code.OWN_CREDENTIAL_REFUSED,
        why + "; put a valid credential in its place (obolus.azure).",
        0,
        Optional.empty());
  }

  /** Whatever msal4j ended with. */
  static AppTokenFailure of(Throwable fault) {
    return switch (fault) {
      case AppTokenFailure known -> known;
      case MsalServiceException refused when refused.managedIdentitySource() != null ->
          platform(refused);
      case MsalJsonParsingException _ -> unavailable("the answer cannot be read");
      case MsalServiceException refused -> entra(refused);
      case MsalClientException local when unreadable(local) ->
          credential("the credential cannot be read");
      default -> unavailable("no answer within the time");
    };
  }

  private static boolean unreadable(Throwable fault) {
    for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
      if (cause instanceof java.nio.file.FileSystemException || cause instanceof Unusable) {
        return true;
      }
    }
    return false;
  }

  private static AppTokenFailure platform(MsalServiceException refused) {
    if (later(refused) || refused.errorCode().equals("managed_identity_unreachable_network")) {
      return unavailable("the platform's managed identity endpoint does not answer");
    }
    return new AppTokenFailure(
        Code.OWN_CREDENTIAL_REFUSED,
        "the platform gives this process no token: is the managed identity assigned to it, by the"
            + " client id in obolus.azure.managed-identity?",
        0,
        Optional.empty());
  }

  private static AppTokenFailure entra(MsalServiceException refused) {
    Matcher number = NUMBER.matcher(String.valueOf(refused.getMessage()));
    int aadsts = number.find() ? Integer.parseInt(number.group(1)) : 0;
    String ids = (aadsts == 0 ? "" : "AADSTS" + aadsts + ", ") + "correlation id " + id(refused);
    if (later(refused)) {
      return new AppTokenFailure(
          Code.OWN_IDENTITY_UNAVAILABLE,
          "Entra is busy (" + ids + "); it is tried again when it is needed.",
          aadsts,
          retryAfter(refused.headers()));
    }
    boolean credential =
        CREDENTIAL.contains(aadsts) || "invalid_client".equals(refused.errorCode());
    return credential
        ? new AppTokenFailure(
            Code.OWN_CREDENTIAL_REFUSED,
            "Entra does not take the credential of Obolus itself ("
                + ids
                + "); put a valid one in its place (obolus.azure).",
            aadsts,
            Optional.empty())
        : new AppTokenFailure(
            Code.OWN_IDENTITY_MISCONFIGURED,
            "Entra gives Obolus itself no token ("
                + ids
                + "); check obolus.azure.tenant and client-id, and that the application is there.",
            aadsts,
            Optional.empty());
  }

  private static boolean later(MsalServiceException refused) {
    Integer status = refused.statusCode();
    return "temporarily_unavailable".equals(refused.errorCode())
        || (status != null && (status == 429 || status >= 500));
  }

  private static String id(MsalServiceException refused) {
    String id = String.valueOf(refused.correlationId());
    return ID.matcher(id).matches() ? id : "unknown";
  }

  private static Optional<Duration> retryAfter(Map<String, List<String>> headers) {
    return headers.entrySet().stream()
        .filter(header -> "retry-after".equalsIgnoreCase(header.getKey()))
        .flatMap(header -> header.getValue().stream())
        .filter(value -> value.matches("[0-9]{1,5}"))
        .map(value -> Duration.ofSeconds(Long.parseLong(value)))
        .findFirst();
  }

  /** A credential that is not there, or not its owner's alone. */
  static final class Unusable extends IOException {
    private static final long serialVersionUID = 1L;

    Unusable(String sentence) {
      super(sentence);
    }
  }
}
