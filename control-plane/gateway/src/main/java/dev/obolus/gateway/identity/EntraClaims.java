// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.identity;

import dev.obolus.connector.Subject;
import dev.obolus.connector.SubjectToken;
import java.time.Instant;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The claims of an Entra access token, version 1 or 2, read by their names. Nothing here has been
 * checked; {@link TokenVerifier} does that.
 */
final class EntraClaims {
  /** Members of {@code xms_act_fct} and {@code xms_sub_fct}: an agent identity, an agent's user. */
  private static final String AGENT_IDENTITY = "11";

  private static final String AGENT_USER = "13";

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
        texts("groups"),
        groupsComplete(),
        texts("roles"),
        scopes(),
        texts("acrs"),
        lowerCase(texts("xms_cc")),
        text("acct").map("1"::equals),
        text("uti"),
        expiresAt);
  }

  /** Only a stated 1 or 2 (a secret, a certificate) is proof of anything. */
  private boolean publicClient() {
    String proof = text("azpacr").or(() -> text("appidacr")).orElse("0");
    return !proof.equals("1") && !proof.equals("2");
  }

  /** On overage Entra names where the groups are instead of listing them. */
  private boolean groupsComplete() {
    boolean elsewhere =
        claims.get("_claim_names") instanceof Map<?, ?> names && names.containsKey("groups");
    return !elsewhere && !claims.containsKey("hasgroups");
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
    @Nullable Object value = claims.get(name);
    Set<String> words = new TreeSet<>();
    if (value instanceof String text) {
      for (String word : text.split(" ", -1)) {
        words.add(word);
      }
      words.remove("");
      words.remove("/");
    }
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
