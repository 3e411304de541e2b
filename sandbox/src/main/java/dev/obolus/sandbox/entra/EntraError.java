// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import java.time.Instant;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A refusal in Entra's shape.
 *
 * @param error OAuth's word
 * @param aadsts Entra's number
 * @param suberror Entra's finer word, or empty
 * @param claims JSON for a step-up, or empty
 */
public record EntraError(
    int status, String error, int aadsts, String text, String suberror, String claims) {

  public static EntraError of(String error, int aadsts, String text) {
    return new EntraError(error.equals("invalid_client") ? 401 : 400, error, aadsts, text, "", "");
  }

  /** The same, with Entra's finer word for it. */
  public EntraError because(String finer) {
    return new EntraError(status, error, aadsts, text, finer, claims);
  }

  /** The same, asking for more than the sign-in showed. */
  public EntraError asking(String wanted) {
    return new EntraError(status, error, aadsts, text, suberror, wanted);
  }

  public EntraError with(int otherStatus) {
    return new EntraError(otherStatus, error, aadsts, text, suberror, claims);
  }

  /** To be thrown. */
  public Refused refused() {
    return new Refused(this);
  }

  /** The body, for the call that these two ids name. */
  public ObjectNode json(String trace, String correlation, Instant at) {
    String when = at.toString().substring(0, 19).replace('T', ' ') + "Z";
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.put("error", error);
    json.put(
        "error_description",
        "AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s"
            .formatted(aadsts, text, trace, correlation, when));
    json.putArray("error_codes").add(aadsts);
    json.put("timestamp", when).put("trace_id", trace).put("correlation_id", correlation);
    json.put("error_uri", "https://" + Directory.ISSUER_HOST + "/error?code=" + aadsts);
    if (!suberror.isEmpty()) {
      json.put("suberror", suberror);
    }
    if (!claims.isEmpty()) {
      json.put("claims", claims);
    }
    return json;
  }

  /** Thrown inside the endpoints. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient EntraError why;

    private Refused(EntraError why) {
      super(why.error(), null, false, false);
      this.why = why;
    }

    public EntraError why() {
      return why;
    }
  }
}
