// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What was changed about those in the {@link Directory} since the start; a restart forgets it. */
public final class Standing {
  /** Whether a user may sign in. */
  public enum Account {
    ACTIVE,
    DISABLED,
    DELETED
  }

  private record Grant(String tenant, String client, String resource) {}

  private final Map<String, Account> accounts = new ConcurrentHashMap<>();
  private final Map<String, Instant> revoked = new ConcurrentHashMap<>();
  private final Map<String, Boolean> manyGroups = new ConcurrentHashMap<>();
  private final Map<String, Integer> tokenVersions = new ConcurrentHashMap<>();
  private final Map<String, Duration> tokenLives = new ConcurrentHashMap<>();
  private final Map<Grant, Boolean> consents = new ConcurrentHashMap<>();

  public void reset() {
    accounts.clear();
    revoked.clear();
    manyGroups.clear();
    tokenVersions.clear();
    tokenLives.clear();
    consents.clear();
  }

  public Account account(Directory.User user) {
    return accounts.getOrDefault(user.objectId(), Account.ACTIVE);
  }

  public void account(Directory.User user, Account account) {
    accounts.put(user.objectId(), account);
  }

  /** Sign-ins up to this moment count no more. */
  public void revoke(Directory.User user, Instant until) {
    revoked.put(user.objectId(), until);
  }

  public boolean isRevoked(Directory.User user, SignIn signIn) {
    Instant until = revoked.get(user.objectId());
    return until != null && !signIn.at().isAfter(until);
  }

  /** Whether the user is in so many groups that a token names none. */
  public boolean hasManyGroups(Directory.User user) {
    return manyGroups.getOrDefault(user.objectId(), false);
  }

  public void manyGroups(Directory.User user, boolean many) {
    manyGroups.put(user.objectId(), many);
  }

  /** The registration's {@code requestedAccessTokenVersion}: 1 or 2. */
  public int tokenVersion(App resource) {
    return tokenVersions.getOrDefault(resource.clientId(), Directory.tokenVersionAtFirst(resource));
  }

  public void tokenVersion(App resource, int version) {
    if (version != 1 && version != 2) {
      throw new IllegalArgumentException("token_version is 1 or 2");
    }
    tokenVersions.put(resource.clientId(), version);
  }

  /** How long an access token for this API lives: an hour unless changed. */
  public Duration tokenLife(App resource) {
    return tokenLives.getOrDefault(resource.clientId(), Duration.ofHours(1));
  }

  public void tokenLife(App resource, Duration life) {
    if (life.isNegative() || life.isZero() || life.toDays() > 1) {
      throw new IllegalArgumentException("token_seconds is more than 0 and at most a day");
    }
    tokenLives.put(resource.clientId(), life);
  }

  /** Whether the tenant lets the application ask for tokens for this API. */
  public boolean isConsented(Directory.Tenant tenant, App client, App resource) {
    return consents.getOrDefault(
        new Grant(tenant.id(), client.clientId(), resource.clientId()),
        Directory.isConsentedAtFirst(client, resource));
  }

  public void consent(Directory.Tenant tenant, App client, App resource, boolean given) {
    consents.put(new Grant(tenant.id(), client.clientId(), resource.clientId()), given);
  }
}
