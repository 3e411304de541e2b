// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes and checks tokens with the claims that Entra documents, in the version that a resource's
 * registration asks for.
 */
public final class Tokens {
  private static final Duration ID_TOKEN_LIFE = Duration.ofMinutes(60);

  /** An agent identity, in {@code xms_act_fct} and {@code xms_sub_fct}. */
  private static final String AGENT_IDENTITY = "11";

  private static final String AGENT_USER = "13";

  private final SigningKeys keys;
  private final Standing standing;
  private final Clock clock;

  public Tokens(SigningKeys keys, Standing standing, Clock clock) {
    this.keys = keys;
    this.standing = standing;
    this.clock = clock;
  }

  /** A delegated access token: the user, through a client, for a resource. */
  public String forUser(Directory.User user, App client, App resource) {
    return forUser(Delegation.fresh(user, client, resource, clock.instant()));
  }

  public String forUser(Delegation delegation) {
    return sign(userClaims(delegation).build());
  }

  /** The claims of such a token, for a test to bend. */
  public JWTClaimsSet.Builder userClaims(Directory.User user, App client, App resource) {
    return userClaims(Delegation.fresh(user, client, resource, clock.instant()));
  }

  private JWTClaimsSet.Builder userClaims(Delegation delegation) {
    Directory.User user = delegation.user();
    App resource = delegation.resource();
    JWTClaimsSet.Builder claims =
        common(user.tenant(), delegation.client(), resource, delegation.asked(), delegation.proof())
            .subject(pairwise(user.objectId(), resource.clientId()))
            .claim("oid", user.objectId())
            .claim("name", user.displayName())
            .claim("scp", String.join(" ", resource.scopes()))
            .claim("idtyp", "user")
            .claim("aio", delegation.signIn().toAio())
            .claim("auth_time", delegation.signIn().at().getEpochSecond());
    names(claims, user, resource);
    groups(claims, user);
    relation(claims, user);
    if (resource.clientId().equals(Directory.OPERATOR) && !user.operatorRoles().isEmpty()) {
      claims.claim("roles", user.operatorRoles());
    }
    if (!delegation.signIn().contexts().isEmpty()) {
      claims.claim("acrs", List.copyOf(new TreeSet<>(delegation.signIn().contexts())));
    }
    if (!delegation.capabilities().isEmpty()) {
      claims.claim("xms_cc", List.copyOf(new TreeSet<>(delegation.capabilities())));
    }
    if (standing.tokenVersion(resource) == 1) {
      claims
          .claim("acr", "1")
          .claim(
              "amr", delegation.signIn().met().isEmpty() ? List.of("pwd") : List.of("pwd", "mfa"));
    }
    return claims;
  }

  private void names(JWTClaimsSet.Builder claims, Directory.User user, App resource) {
    if (standing.tokenVersion(resource) == 2) {
      claims.claim("preferred_username", user.signInName());
    } else if (user.kind() == Directory.Kind.GUEST) {
      claims.claim("unique_name", user.signInName()).claim("email", user.signInName());
    } else {
      claims.claim("unique_name", user.principalName()).claim("upn", user.principalName());
    }
  }

  /** A member of very many groups gets the address of a list instead. */
  private void groups(JWTClaimsSet.Builder claims, Directory.User user) {
    if (standing.hasManyGroups(user)) {
      claims
          .claim("_claim_names", Map.of("groups", "src1"))
          .claim(
              "_claim_sources",
              Map.of(
                  "src1",
                  Map.of(
                      "endpoint",
                      "https://graph.windows.net/"
                          + user.tenant()
                          + "/users/"
                          + user.objectId()
                          + "/getMemberObjects")));
    } else if (!user.groups().isEmpty()) {
      claims.claim("groups", user.groups());
    }
  }

  private void relation(JWTClaimsSet.Builder claims, Directory.User user) {
    switch (user.kind()) {
      case MEMBER -> claims.claim("acct", 0).claim("xms_idrel", "1 2");
      case GUEST ->
          claims
              .claim("acct", 1)
              .claim("xms_idrel", "5 8")
              .claim("idp", keys.issuers().v1(user.home().id()));
      case AGENT_USER ->
          claims.claim("acct", 0).claim("xms_idrel", "1 2").claim("xms_sub_fct", AGENT_USER);
    }
  }

  /** An application's own access token, in the home tenant. */
  public String forApp(App client, App resource) {
    int proof = client.blueprint().isPresent() ? 2 : 1;
    return forApp(Directory.TENANT, client, resource, resource.clientId(), proof);
  }

  /** An application's own access token. */
  public String forApp(String tenant, App client, App resource, String asked, int proof) {
    String principal = client.servicePrincipal();
    JWTClaimsSet.Builder claims =
        common(tenant, client, resource, asked, proof)
            .subject(principal)
            .claim("oid", principal)
            .claim("aio", UUID.randomUUID().toString())
            .claim("idtyp", "app");
    if (client.blueprint().isPresent()) {
      claims.claim("xms_sub_fct", AGENT_IDENTITY).claim("xms_idrel", "7");
    }
    if (resource.clientId().equals(Directory.GATEWAY)) {
      claims.claim("roles", List.of("Data.Read"));
    }
    return sign(claims.build());
  }

  /** What a blueprint shows in the place of an agent identity's own proof, which has none. */
  public String forAgent(String tenant, App blueprint, App agent, int proof) {
    App exchange = Directory.app(Directory.TOKEN_EXCHANGE).orElseThrow();
    return sign(
        common(tenant, blueprint, exchange, exchange.clientId(), proof)
            .subject(
                "/eid1/c/pub/t/" + tenant + "/a/" + blueprint.clientId() + "/" + agent.clientId())
            .claim("oid", blueprint.servicePrincipal())
            .claim("idtyp", "app")
            .build());
  }

  /** How long an access token for this API lives. */
  public Duration life(App resource) {
    return standing.tokenLife(resource);
  }

  /** An id token for a signed-in user; Entra's are of version 2.0 at these endpoints. */
  public String idToken(Directory.User user, App client, @Nullable String nonce) {
    Instant now = clock.instant();
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .issuer(keys.issuers().v2(user.tenant()))
            .audience(client.clientId())
            .subject(pairwise(user.objectId(), client.clientId()))
            .issueTime(Date.from(now))
            .notBeforeTime(Date.from(now))
            .expirationTime(Date.from(now.plus(ID_TOKEN_LIFE)))
            .claim("ver", "2.0")
            .claim("tid", user.tenant())
            .claim("oid", user.objectId())
            .claim("name", user.displayName())
            .claim("preferred_username", user.signInName())
            .claim("nonce", nonce);
    relation(claims, user);
    return sign(claims.build());
  }

  /** Signs any claims with this installation's key. */
  public String sign(JWTClaimsSet claims) {
    return sign(claims, keys.signing());
  }

  static String sign(JWTClaimsSet claims, RSAKey key) {
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("typ", "JWT");
    header.put("alg", "RS256");
    if ("1.0".equals(claims.getClaim("ver"))) {
      header.put("x5t", key.getKeyID());
    }
    header.put("kid", key.getKeyID());
    try {
      var jwt = new SignedJWT(JWSHeader.parse(header), claims);
      jwt.sign(new RSASSASigner(key));
      return jwt.serialize();
    } catch (JOSEException | ParseException e) {
      throw new IllegalStateException("cannot sign", e);
    }
  }

  /** The claims of a token of ours for this API that is valid now. */
  public Optional<JWTClaimsSet> check(String token, String audience) {
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      JWTClaimsSet claims = jwt.getJWTClaimsSet();
      boolean ours = keys.signed(jwt) && isFor(claims, audience) && isNow(claims);
      return ours ? Optional.of(claims) : Optional.empty();
    } catch (ParseException | JOSEException _) {
      return Optional.empty();
    }
  }

  /** By the API's client id, or in a version 1.0 token by its App ID URI. */
  public static boolean isFor(JWTClaimsSet claims, String clientId) {
    Optional<App> named =
        claims.getAudience().size() == 1
            ? Directory.api(claims.getAudience().getFirst())
            : Optional.empty();
    boolean version1 = "1.0".equals(claims.getClaim("ver"));
    return named.filter(api -> api.clientId().equals(clientId)).isPresent()
        && (version1 || claims.getAudience().getFirst().equals(clientId));
  }

  public boolean isNow(JWTClaimsSet claims) {
    Instant now = clock.instant();
    return claims.getExpirationTime() != null
        && claims.getExpirationTime().toInstant().isAfter(now)
        && (claims.getNotBeforeTime() == null
            || !claims.getNotBeforeTime().toInstant().isAfter(now.plusSeconds(300)));
  }

  private JWTClaimsSet.Builder common(
      String tenant, App client, App resource, String asked, int proof) {
    boolean version1 = standing.tokenVersion(resource) == 1;
    Instant now = clock.instant();
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .issuer(version1 ? keys.issuers().v1(tenant) : keys.issuers().v2(tenant))
            .audience(version1 ? asked : resource.clientId())
            .issueTime(Date.from(now))
            .notBeforeTime(Date.from(now))
            .expirationTime(Date.from(now.plus(standing.tokenLife(resource))))
            .claim("ver", version1 ? "1.0" : "2.0")
            .claim("tid", tenant)
            .claim(version1 ? "appid" : "azp", client.clientId())
            .claim(version1 ? "appidacr" : "azpacr", String.valueOf(proof))
            .claim("uti", UUID.randomUUID().toString().replace("-", "").substring(0, 22));
    client
        .blueprint()
        .ifPresent(blueprint ->
            claims.claim("xms_act_fct", AGENT_IDENTITY).claim("xms_par_app_azp", blueprint));
    return claims;
  }

  private static String pairwise(String user, String resource) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(
              MessageDigest.getInstance("SHA-256")
                  .digest((user + "|" + resource).getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
