// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.doctor;

import dev.obolus.gateway.identity.IdentitySettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.springframework.context.ApplicationContext;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * With {@code --user-token-file}: which version of access tokens the gateway's registration asks
 * for, by a token of its, whether the configured audiences are those of that version, and whether
 * it requests claims. Nothing is verified here.
 */
final class TokenVersionCheckup implements Checkup {
  private static final String WHAT = "token version";
  private static final String OPTIONAL = "optional claims";

  private final ApplicationContext context;

  TokenVersionCheckup(ApplicationContext context) {
    this.context = context;
  }

  @Override
  public List<Finding> examine() throws IOException {
    String file = context.getEnvironment().getProperty("user-token-file", "");
    if (file.isBlank()) {
      return List.of();
    }
    JsonNode claims = claims(Files.readString(Path.of(file)).strip());
    return List.of(
        version(claims, context.getBean(IdentitySettings.class).audiences()), optional(claims));
  }

  /**
   * Of a person's token {@code idtyp} alone is always there where it is requested: whoever did not
   * request it has hardly requested the claims that tell agents.
   */
  private static Finding optional(JsonNode claims) {
    return claims.has("idtyp")
        ? Finding.ok(OPTIONAL, "The registration requests idtyp.")
        : Finding.warning(
            OPTIONAL,
            "The token has no idtyp: the registration does not request the claims by which agents are told from people, and an agent's user account would pass as a person.",
            "Request idtyp (include_user_token), xms_sub_fct, xms_act_fct and xms_par_app_azp, as tools/entra/register.sh does.");
  }

  private static Finding version(JsonNode claims, Set<String> audiences) {
    boolean byId = audiences.stream().anyMatch(AudienceCheckup::isClientId);
    boolean byUri = !audiences.stream().allMatch(AudienceCheckup::isClientId);
    return switch (claims.path("ver").asString("")) {
      case "2.0" ->
          byId
              ? Finding.ok(
                  WHAT, "2.0: the registration's tokens name it by its client id, as configured.")
              : Finding.fault(
                  WHAT,
                  "2.0: the registration's tokens name it by its client id, and obolus.identity.audiences has App ID URIs only.",
                  "Add the registration's client id to obolus.identity.audiences.");
      case "1.0" ->
          byUri
              ? Finding.ok(
                  WHAT,
                  "1.0: the registration's tokens name it as the client asked, mostly by an App ID URI; one is configured.")
              : Finding.warning(
                  WHAT,
                  "1.0: the registration's tokens mostly name it by an App ID URI, and obolus.identity.audiences has client ids only.",
                  "In the registration's manifest set api.requestedAccessTokenVersion to 2 (null means 1), or add its App ID URI to obolus.identity.audiences.");
      default ->
          Finding.fault(
              WHAT,
              "The token has no version that Entra's access tokens have (ver is 1.0 or 2.0).",
              "Give an access token for the gateway's API, as a client obtains it.");
    };
  }

  private static JsonNode claims(String token) {
    String[] parts = token.split("\\.", -1);
    try {
      return JsonMapper.shared()
          .readTree(
              new String(
                  Base64.getUrlDecoder().decode(parts.length == 3 ? parts[1] : ""),
                  StandardCharsets.UTF_8));
    } catch (IllegalArgumentException | JacksonException _) {
      return MissingNode.getInstance();
    }
  }
}
