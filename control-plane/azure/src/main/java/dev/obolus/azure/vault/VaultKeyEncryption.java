// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.azure.vault;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.chain.Crypto;
import dev.obolus.audit.personal.Gcm;
import dev.obolus.audit.personal.KeyEncryption;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The key-encryption key in Key Vault. The vault wraps a random key of this process, once a day and
 * version; that one wraps the keys of persons' values (AES-256-GCM), so that neither a record nor a
 * person costs a call. Unwrapped ones are kept for ten minutes.
 *
 * <p>Guarantees: what is wrapped names its version; the newest one is asked for at each wrapping,
 * so that nothing is wrapped with a version that another gateway has just replaced; older versions
 * are disabled in the vault, which then refuses to unwrap with them. A version by itself cannot be
 * deleted there: whoever may update keys in that vault can enable it again.
 */
public final class VaultKeyEncryption implements KeyEncryption {
  private static final byte FORMAT = 1;
  private static final int LENGTH = 32;
  private static final byte[] BOUND = Crypto.domain("vault-kek");
  private static final Pattern VERSION = Pattern.compile("([0-9a-zA-Z-]{1,127})/([0-9a-f]{32})");
  private static final Duration SAME_KEY = Duration.ofDays(1);
  private static final Duration KEPT = Duration.ofMinutes(10);

  private final KeyVault vault;
  private final VaultId key;
  private final SecureRandom random;
  private final InstantSource clock;
  private final Cache<Bytes, byte[]> unwrapped =
      Caffeine.newBuilder().maximumSize(1_000).expireAfterWrite(KEPT).build();
  private @Nullable Inner inner;

  /**
   * Asks nobody yet.
   *
   * @param key without a version: the newest wraps, whichever that is
   */
  public VaultKeyEncryption(KeyVault vault, VaultId key, SecureRandom random, InstantSource clock) {
    if (!key.version().isEmpty()) {
      throw new IllegalArgumentException(
          "name the key without a version: forgetting somebody makes a new one");
    }
    this.vault = vault;
    this.key = key;
    this.random = random;
    this.clock = clock;
  }

  /** A key of this process, and how the vault wrapped it. */
  private static final class Inner {
    private final VaultId version;
    private final byte[] secret;
    private final byte[] wrapped;
    private final Instant made;

    private Inner(VaultId version, byte[] secret, byte[] wrapped, Instant made) {
      this.version = version;
      this.secret = secret;
      this.wrapped = wrapped;
      this.made = made;
    }
  }

  @Override
  public Wrapped wrap(byte[] secret, byte[] context) throws IOException {
    return wrap(vault.newest(key), secret, context);
  }

  @Override
  public Wrapped wrapWith(String version, byte[] secret, byte[] context) throws IOException {
    return wrap(named(version), secret, context);
  }

  private Wrapped wrap(VaultId version, byte[] secret, byte[] context) throws IOException {
    Inner with = inner(version);
    byte[] nonce = new byte[Gcm.NONCE_LENGTH];
    random.nextBytes(nonce);
    byte[] sealed = Gcm.seal(with.secret, nonce, secret, bound(version, context));
    ByteBuffer all =
        ByteBuffer.allocate(1 + Short.BYTES + with.wrapped.length + sealed.length)
            .put(FORMAT)
            .putShort((short) with.wrapped.length)
            .put(with.wrapped)
            .put(sealed);
    return new Wrapped(word(version), Bytes.of(all.array()));
  }

  private synchronized Inner inner(VaultId version) throws IOException {
    Instant now = clock.instant();
    Inner known = inner;
    if (known != null && known.version.equals(version) && known.made.plus(SAME_KEY).isAfter(now)) {
      return known;
    }
    byte[] secret = new byte[LENGTH];
    random.nextBytes(secret);
    Inner fresh = new Inner(version, secret, vault.wrap(version, secret), now);
    inner = fresh;
    return fresh;
  }

  @Override
  public byte[] unwrap(Wrapped wrapped, byte[] context) throws IOException {
    VaultId version = named(wrapped.version());
    byte[] inside;
    byte[] sealed;
    try {
      ByteBuffer all = ByteBuffer.wrap(wrapped.bytes().toArray());
      if (all.get() != FORMAT) {
        throw changed();
      }
      inside = new byte[Short.toUnsignedInt(all.getShort())];
      all.get(inside);
      sealed = new byte[all.remaining()];
      all.get(sealed);
    } catch (BufferUnderflowException _) {
      throw changed();
    }
    return Gcm.open(opened(version, inside), sealed, bound(version, context))
        .orElseThrow(VaultKeyEncryption::changed);
  }

  private byte[] opened(VaultId version, byte[] inside) throws IOException {
    Bytes name = Bytes.of(inside);
    byte[] known = unwrapped.getIfPresent(name);
    if (known != null) {
      return known;
    }
    byte[] secret = asked(version, inside);
    if (secret.length != LENGTH) {
      throw changed();
    }
    unwrapped.put(name, secret);
    return secret;
  }

  /** A vault that is well and refuses this one will refuse it again; one that is ill may not. */
  private byte[] asked(VaultId version, byte[] inside) throws IOException {
    try {
      return vault.unwrap(version, inside);
    } catch (VaultFailure refusal) {
      boolean forGood =
          switch (refusal.code()) {
            case VAULT_NOT_FOUND -> true;
            case VAULT_FORBIDDEN ->
                !version.name().equals(key.name()) || !vault.enabled(key).contains(version);
            case VAULT_MALFORMED -> !vault.enabled(key).isEmpty();
            case VAULT_UNAUTHENTICATED, VAULT_THROTTLED, VAULT_UNAVAILABLE -> false;
          };
      if (forGood) {
        throw new Unreadable(String.valueOf(refusal.getMessage()));
      }
      throw refusal;
    }
  }

  @Override
  public String version() throws IOException {
    return word(vault.newest(key));
  }

  @Override
  public String rotate() throws IOException {
    return word(vault.rotate(key));
  }

  @Override
  public void destroyAllBut(Set<String> used) throws IOException {
    VaultId newest = vault.newest(key);
    for (VaultId version : vault.enabled(key)) {
      if (!version.equals(newest) && !used.contains(word(version))) {
        vault.disable(version);
      }
    }
    unwrapped.invalidateAll();
  }

  /** A key of another name in the same vault still unwraps what it wrapped. */
  private VaultId named(String version) throws IOException {
    Matcher parts = VERSION.matcher(version);
    if (!parts.matches()) {
      throw new Unreadable(
          "the key-encryption key " + version + " is not one of the vault that is configured");
    }
    return key.named(parts.group(1), parts.group(2));
  }

  private static String word(VaultId version) {
    return version.name() + "/" + version.version();
  }

  private static byte[] bound(VaultId version, byte[] context) {
    byte[] word = word(version).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(BOUND.length + 1 + word.length + context.length)
        .put(BOUND)
        .put((byte) word.length)
        .put(word)
        .put(context)
        .array();
  }

  private static Unreadable changed() {
    return new Unreadable("a wrapped key was changed");
  }
}
