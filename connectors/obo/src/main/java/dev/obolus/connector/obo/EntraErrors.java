// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import static dev.obolus.connector.obo.EntraAnswer.CONSENT;
import static dev.obolus.connector.obo.EntraAnswer.CREDENTIAL;
import static dev.obolus.connector.obo.EntraAnswer.DENIED;
import static dev.obolus.connector.obo.EntraAnswer.MISCONFIGURED;
import static dev.obolus.connector.obo.EntraAnswer.NEW_TOKEN;
import static dev.obolus.connector.obo.EntraAnswer.STEP_UP;
import static dev.obolus.connector.obo.EntraAnswer.TRANSIENT;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What Entra's error numbers mean (Microsoft's "AADSTS error codes" page). Numbers may change, so
 * one that is not in the table is read by its {@code error} word.
 */
final class EntraErrors {

  /**
   * @param revoked what was issued to the person before is not to be used any longer
   */
  record Row(EntraAnswer answer, boolean revoked) {}

  static final Map<Integer, Row> TABLE = table();

  /** Those of RFC 6749, RFC 8693, OpenID Connect and Entra. */
  private static final Map<String, EntraAnswer> WORDS =
      Map.ofEntries(
          Map.entry("invalid_grant", NEW_TOKEN),
          Map.entry("invalid_token", NEW_TOKEN),
          Map.entry("interaction_required", STEP_UP),
          Map.entry("login_required", STEP_UP),
          Map.entry("consent_required", CONSENT),
          Map.entry("access_denied", DENIED),
          Map.entry("invalid_request", MISCONFIGURED),
          Map.entry("invalid_resource", MISCONFIGURED),
          Map.entry("invalid_scope", MISCONFIGURED),
          Map.entry("invalid_target", MISCONFIGURED),
          Map.entry("unauthorized_client", MISCONFIGURED),
          Map.entry("unsupported_grant_type", MISCONFIGURED),
          Map.entry("invalid_client", CREDENTIAL),
          Map.entry("temporarily_unavailable", TRANSIENT),
          Map.entry("server_error", TRANSIENT));

  /** Entra's own narrowing of {@code invalid_grant} and {@code interaction_required}. */
  private static final Map<String, EntraAnswer> SUBERRORS =
      Map.of(
          "basic_action", STEP_UP,
          "additional_action", STEP_UP,
          "message_only", DENIED,
          "consent_required", CONSENT,
          "user_password_expired", NEW_TOKEN,
          "client_mismatch", NEW_TOKEN,
          "protection_policy_required", DENIED);

  private EntraErrors() {}

  /** The first number that the table knows decides; else the word. */
  static Row meaning(String error, String suberror, List<Integer> codes) {
    return codes.stream()
        .map(TABLE::get)
        .flatMap(row -> Optional.ofNullable(row).stream())
        .findFirst()
        .orElseGet(() -> new Row(byWord(error, suberror), false));
  }

  /** The number that decides: the first that the table knows, else the first. */
  static int deciding(List<Integer> codes) {
    return codes.stream().filter(TABLE::containsKey).findFirst().orElseGet(codes::getFirst);
  }

  /** Whether the word is one of the protocol's, and so may be told. */
  static boolean isKnown(String error) {
    return WORDS.containsKey(error);
  }

  /** The narrower word first. */
  private static EntraAnswer byWord(String error, String suberror) {
    EntraAnswer narrower = SUBERRORS.get(suberror);
    return narrower == null ? WORDS.getOrDefault(error, MISCONFIGURED) : narrower;
  }

  private static Map<Integer, Row> table() {
    var table = new HashMap<Integer, Row>();
    // The assertion is malformed, of another audience, too old, or a refresh token is.
    put(table, NEW_TOKEN, 50013, 500131, 500133, 50027, 240002, 700082, 70008, 700084);
    // The person's grant or session ended.
    revoke(table, NEW_TOKEN, 50173, 50132, 50133, 50055);
    // The person is disabled, unknown, or not yet a guest.
    revoke(table, DENIED, 50057, 50034, 51004, 50014);
    // Multi-factor, sign-in frequency, an external challenge.
    put(table, STEP_UP, 50076, 50079, 50072, 50074, 50078, 70043, 50158);
    put(table, CONSENT, 65001, 65004, 90094, 90095, 90008);
    // An application on its own; Conditional Access; a step-up where Entra sends claims.
    put(table, DENIED, 7000114, 53000, 53001, 53002, 53003, 530032, 530034, 530035, 53004, 53011);
    put(table, DENIED, 50131, 50097, 50105, 50020, 90072, 16000, 16003, 500212, 500213, 500021);
    // Scopes and resources.
    put(table, MISCONFIGURED, 70011, 28002, 700022, 28000, 500011, 50001, 9010010, 901002);
    put(table, MISCONFIGURED, 650052, 650054, 650057, 650056, 65005);
    // The application or the tenant.
    put(table, MISCONFIGURED, 700016, 700011, 70001, 7000112, 700025, 50146, 50196);
    put(table, MISCONFIGURED, 90002, 90038, 900382, 900432, 9001023);
    put(table, MISCONFIGURED, 9002313, 900144, 90014, 90009, 9002332);
    put(table, CREDENTIAL, 7000215, 7000222, 7000218, 70002, 700027, 700030, 50012, 50048);
    put(table, CREDENTIAL, 700211, 700213, 700229);
    put(table, TRANSIENT, 90055, 90033, 90006, 90024, 90090, 90012, 50033, 50087);
    return Map.copyOf(table);
  }

  private static void put(Map<Integer, Row> table, EntraAnswer answer, int... codes) {
    for (int code : codes) {
      table.put(code, new Row(answer, false));
    }
  }

  private static void revoke(Map<Integer, Row> table, EntraAnswer answer, int... codes) {
    for (int code : codes) {
      table.put(code, new Row(answer, true));
    }
  }
}
