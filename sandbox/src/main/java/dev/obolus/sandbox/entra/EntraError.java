// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import java.time.Instant;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A refusal in Entra's shape.
 *
 * @param error OAuth's word
 * @param aadsts Entra's number
 * @param claims JSON for a step-up, or empty
 */
public record EntraError(
    int status, String error, int aadsts, String text, String suberror, String claims) {

  static EntraError of(String error, int aadsts, String text) {
    return new EntraError(error.equals("invalid_client") ? 401 : 400, error, aadsts, text, "", "");
  }

  /** The same, with Entra's finer word for it. */
  public EntraError because(String suberror) {
    return new EntraError(status, error, aadsts, text, suberror, claims);
  }

  ObjectNode json() {
    String trace = UUID.randomUUID().toString();
    String correlation = UUID.randomUUID().toString();
    String now = Instant.now().toString().substring(0, 19).replace('T', ' ') + "Z";
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.put("error", error);
    json.put(
        "error_description",
        "AADSTS"
            + aadsts
            + ": "
            + text
            + " Trace ID: "
            + trace
            + " Correlation ID: "
            + correlation
            + " Timestamp: "
            + now);
    json.putArray("error_codes").add(aadsts);
    json.put("timestamp", now).put("trace_id", trace).put("correlation_id", correlation);
    if (!suberror.isEmpty()) {
      json.put("suberror", suberror);
    }
    if (!claims.isEmpty()) {
      json.put("claims", claims);
    }
    return json;
  }

  /** Thrown inside the token endpoint. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient EntraError why;

    Refused(EntraError why) {
      super(why.error(), null, false, false);
      this.why = why;
    }

    EntraError why() {
      return why;
    }
  }
}
