// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import com.nimbusds.jose.jwk.RSAKey;
import dev.obolus.sandbox.entra.Issuers;
import dev.obolus.sandbox.entra.SigningKeys;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a tenant publishes about itself, for either version of tokens. */
final class Metadata {
  private Metadata() {}

  /**
   * @param base the address that the caller used
   * @param path a tenant's id, {@code common} or {@code organizations}
   */
  static ObjectNode document(String base, String path, boolean version1, Issuers issuers) {
    String tenant = path.length() == 36 ? path : "{tenantid}";
    String root = base + "/" + path;
    String version = version1 ? "" : "/v2.0";
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.put("issuer", version1 ? issuers.v1(tenant) : issuers.v2(tenant));
    json.put("authorization_endpoint", root + "/oauth2/v2.0/authorize");
    json.put("token_endpoint", root + "/oauth2/v2.0/token");
    json.put("device_authorization_endpoint", root + "/oauth2/v2.0/devicecode");
    json.put("end_session_endpoint", root + "/oauth2/v2.0/logout");
    json.put("jwks_uri", root + "/discovery" + version + "/keys");
    json.putArray("response_types_supported").add("code");
    json.putArray("response_modes_supported").add("query");
    json.putArray("subject_types_supported").add("pairwise");
    json.putArray("id_token_signing_alg_values_supported").add("RS256");
    json.putArray("code_challenge_methods_supported").add("S256");
    ArrayNode ways = json.putArray("token_endpoint_auth_methods_supported");
    ClientProof.ways().forEach(ways::add);
    json.putArray("scopes_supported")
        .add("openid")
        .add("profile")
        .add("email")
        .add("offline_access");
    return json;
  }

  /**
   * Only version 2.0's document says for whom a key may sign; the other lists no consumers' key.
   */
  static ObjectNode keys(SigningKeys keys, boolean version1) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    ArrayNode all = json.putArray("keys");
    for (SigningKeys.Published published : keys.published()) {
      if (!version1) {
        all.add(key(published.key()).put("issuer", published.issuer()));
      } else if (published.issuer().contains("{tenantid}")) {
        all.add(key(published.key()));
      }
    }
    return json;
  }

  private static ObjectNode key(RSAKey key) {
    ObjectNode one = JsonMapper.shared().createObjectNode();
    one.put("kty", "RSA").put("use", "sig").put("kid", key.getKeyID()).put("x5t", key.getKeyID());
    one.put("n", key.getModulus().toString()).put("e", key.getPublicExponent().toString());
    ArrayNode chain = one.putArray("x5c");
    key.getX509CertChain().forEach(certificate -> chain.add(certificate.toString()));
    return one;
  }
}
