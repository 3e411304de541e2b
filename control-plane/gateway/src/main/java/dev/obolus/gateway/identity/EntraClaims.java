// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import dev.obolus.connector.Subject;
import dev.obolus.connector.SubjectToken;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The claims of an Entra access token, version 1 or 2, read by their names. Nothing here has been
 * checked; {@link TokenVerifier} does that.
 */
final class EntraClaims {
  /** Members of {@code xms_act_fct} and {@code xms_sub_fct}: an agent identity, an agent's user. */
  private static final String AGENT_IDENTITY = "11";

  private static final String AGENT_USER = "13";

  private static final String GROUPS = "groups";

  private static final String NAMES = "_claim_names";

  private static final List<String> ADDRESSES =
      List.of("preferred_username", "upn", "email", "unique_name");

  private static final Pattern TENANT_IN_ISSUER =
      Pattern.compile("^https://[^/]+/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/|$)");

  private final Map<String, Object> claims;

  EntraClaims(Map<String, Object> claims) {
    this.claims = claims;
  }

  Optional<TokenVersion> version() {
    return text("ver").flatMap(TokenVersion::of);
  }

  String tenant() {
    return text("tid").orElse("");
  }

  String issuer() {
    return text("iss").orElse("");
  }

  String objectId() {
    return text("oid").orElse("");
  }

  String client() {
    return text("azp").or(() -> text("appid")).orElse("");
  }

  Set<String> audiences() {
    Set<String> audiences = new TreeSet<>();
    texts("aud").forEach(audience -> audiences.add(withoutSlash(audience)));
    return audiences;
  }

  Set<String> scopes() {
    return words("scp");
  }

  Optional<Instant> expiresAt() {
    return time("exp");
  }

  Optional<Instant> notBefore() {
    return time("nbf");
  }

  /**
   * No person: an application by its own word, one that was given no scope by anybody, or an agent
   * in a person's place.
   */
  boolean appOnly() {
    Set<String> subject = words("xms_sub_fct");
    boolean user = text("idtyp").equals(Optional.of("user"));
    return text("idtyp").equals(Optional.of("app"))
        || subject.contains(AGENT_IDENTITY)
        || subject.contains(AGENT_USER)
        || (!user && scopes().isEmpty());
  }

  /** Made for a client to learn who signed in, and worth nothing as a grant. */
  boolean isIdToken() {
    boolean noGrant = client().isEmpty() && scopes().isEmpty();
    return noGrant || claims.containsKey("at_hash") || claims.containsKey("c_hash");
  }

  Caller callerOf(String token, Instant expiresAt) {
    Caller.Facts facts = facts(expiresAt);
    return appOnly()
        ? new Caller.AppCaller(facts)
        : new Caller.UserCaller(
            new Subject(
                facts.tenant(),
                facts.objectId(),
                facts.client(),
                facts.capabilities(),
                new SubjectToken(token, expiresAt)),
            facts);
  }

  private Caller.Facts facts(Instant expiresAt) {
    return new Caller.Facts(
        tenant(),
        objectId(),
        client(),
        words("xms_act_fct").contains(AGENT_IDENTITY)
            ? Caller.Strength.VERIFIED_AGENT
            : Caller.Strength.CLIENT_APP,
        publicClient(),
        groups(),
        groupsComplete(),
        texts("roles"),
        scopes(),
        texts("acrs"),
        lowerCase(texts("xms_cc")),
        guest(),
        homeTenant(),
        text("xms_par_app_azp").filter(TrustedIssuer::isGuid),
        time("auth_time"),
        addresses(),
        text("uti"),
        expiresAt);
  }

  private Set<String> addresses() {
    Set<String> addresses = new TreeSet<>();
    for (String claim : ADDRESSES) {
      addresses.addAll(lowerCase(texts(claim)));
    }
    return addresses;
  }

  /**
   * By {@code acct} (1 is a guest), {@code xms_idrel} (5 is a guest, 1 a member) and {@code idp}
   * (an identity provider other than the token's own tenant). Where they differ, a guest.
   */
  private Optional<Boolean> guest() {
    Set<String> relation = words("xms_idrel");
    Optional<String> account = text("acct");
    Optional<Boolean> foreign = text("idp").map(idp -> !idp.contains("/" + tenant() + "/"));
    if (account.equals(Optional.of("1"))
        || relation.contains("5")
        || foreign.equals(Optional.of(true))) {
      return Optional.of(true);
    }
    boolean told =
        account.equals(Optional.of("0")) || relation.contains("1") || foreign.isPresent();
    return told ? Optional.of(false) : Optional.empty();
  }

  /** A member's is the token's; a guest's is named by {@code idp} where that is an Entra tenant. */
  private Optional<String> homeTenant() {
    if (guest().equals(Optional.of(false))) {
      return Optional.of(tenant());
    }
    return text("idp").map(TENANT_IN_ISSUER::matcher).filter(Matcher::find).map(it -> it.group(1));
  }

  /** Only a stated 1 or 2 (a secret, a certificate) is proof of anything. */
  private boolean publicClient() {
    String proof = text("azpacr").or(() -> text("appidacr")).orElse("0");
    return !proof.equals("1") && !proof.equals("2");
  }

  /**
   * On overage Entra names where the groups are instead of listing them. However it may do that,
   * only a list is one.
   */
  private boolean groupsComplete() {
    boolean elsewhere =
        claims.containsKey(NAMES)
            && !(claims.get(NAMES) instanceof Map<?, ?> names && !names.containsKey(GROUPS));
    boolean odd = claims.containsKey(GROUPS) && !isListOfTexts(claims.get(GROUPS));
    boolean named = claims.keySet().stream().anyMatch(name -> name.startsWith(GROUPS + ":"));
    return !elsewhere && !odd && !named && !claims.containsKey("hasgroups");
  }

  private static boolean isListOfTexts(@Nullable Object claim) {
    return claim instanceof Collection<?> many && many.stream().allMatch(String.class::isInstance);
  }

  /** One text is no list: it may name the place where they are. */
  private Set<String> groups() {
    return claims.get(GROUPS) instanceof Collection<?> many ? textsOf(many) : Set.of();
  }

  private Optional<String> text(String name) {
    return switch (claims.get(name)) {
      case String text when !text.isBlank() -> Optional.of(text);
      case Number number -> Optional.of(number.toString());
      case null, default -> Optional.empty();
    };
  }

  private Set<String> texts(String name) {
    return switch (claims.get(name)) {
      case String text -> Set.of(text);
      case Collection<?> many -> textsOf(many);
      case null, default -> Set.of();
    };
  }

  private static Set<String> textsOf(Collection<?> many) {
    Set<String> texts = new TreeSet<>();
    for (Object one : many) {
      if (one instanceof String text) {
        texts.add(text);
      }
    }
    return texts;
  }

  private Set<String> words(String name) {
    Set<String> words = new TreeSet<>(List.of(text(name).orElse("").split(" ", -1)));
    words.remove("");
    words.remove("/");
    return words;
  }

  private Optional<Instant> time(String name) {
    return claims.get(name) instanceof Number seconds
        ? Optional.of(Instant.ofEpochSecond(seconds.longValue()))
        : Optional.empty();
  }

  private static Set<String> lowerCase(Set<String> texts) {
    Set<String> lower = new TreeSet<>();
    texts.forEach(text -> lower.add(text.toLowerCase(Locale.ROOT)));
    return lower;
  }

  static String withoutSlash(String audience) {
    return audience.endsWith("/") ? audience.substring(0, audience.length() - 1) : audience;
  }
}
