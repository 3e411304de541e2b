// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The keys that sign tokens, as every tenant publishes them. Beside the tenants' own keys stands
 * that of the consumers' tenant, which Entra publishes too: it may sign for that tenant only, so a
 * checker that ignores a key's {@code issuer} takes anybody's word. A restart forgets rotations.
 */
public final class SigningKeys {
  private final RSAKey first;
  private final RSAKey consumers;
  private List<RSAKey> own;
  private Issuers issuers = Issuers.SANDBOX;

  SigningKeys(RSAKey first, RSAKey consumers) {
    this.first = first;
    this.consumers = consumers;
    this.own = List.of(first);
  }

  /**
   * One published key.
   *
   * @param issuer for whom it may sign; {@code {tenantid}} stands for any tenant
   */
  public record Published(RSAKey key, String issuer) {}

  /** The newest key signs. */
  public synchronized RSAKey signing() {
    return own.getLast();
  }

  /** The key of the consumers' tenant. */
  RSAKey consumers() {
    return consumers;
  }

  public synchronized List<Published> published() {
    List<Published> all = new ArrayList<>();
    own.forEach(key -> all.add(new Published(key, issuers.v2("{tenantid}"))));
    all.add(new Published(consumers, issuers.v2(Directory.CONSUMERS)));
    return List.copyOf(all);
  }

  /** Whose tenants these keys sign for. */
  public synchronized Issuers issuers() {
    return issuers;
  }

  /** From now on for those; for a test in this process. */
  public synchronized void speakAs(Issuers others) {
    issuers = others;
  }

  /**
   * A new key signs from now on.
   *
   * @param keepOld whether tokens of the old keys still count
   */
  public synchronized void rotate(boolean keepOld) {
    List<RSAKey> next = new ArrayList<>(keepOld ? own : List.of());
    try {
      next.add(Installation.newKey("Obolus sandbox tokens"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    own = List.copyOf(next);
  }

  public synchronized void reset() {
    own = List.of(first);
  }

  /** Whether one of these keys signed it, and may sign for the issuer that it names. */
  public boolean signed(SignedJWT jwt) throws JOSEException, ParseException {
    if (!JWSAlgorithm.RS256.equals(jwt.getHeader().getAlgorithm())) {
      return false;
    }
    Optional<Published> key =
        published().stream()
            .filter(one -> one.key().getKeyID().equals(jwt.getHeader().getKeyID()))
            .findFirst();
    return key.isPresent()
        && jwt.verify(new RSASSAVerifier(key.get().key()))
        && signsFor(key.get(), jwt.getJWTClaimsSet());
  }

  private boolean signsFor(Published key, JWTClaimsSet claims) {
    String tenant = String.valueOf(claims.getClaim("tid"));
    String keyIssuer = key.issuer().replace("{tenantid}", tenant);
    String issuer = String.valueOf(claims.getIssuer());
    return Directory.tenant(tenant).filter(one -> one.id().equals(tenant)).isPresent()
        && keyIssuer.equals(issuers().v2(tenant))
        && (issuer.equals(issuers().v2(tenant)) || issuer.equals(issuers().v1(tenant)));
  }
}
