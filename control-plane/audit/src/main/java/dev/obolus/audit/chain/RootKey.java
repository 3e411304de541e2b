// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.UnaryOperator;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key that all others come from: 32 random bytes, in a file for its owner's eyes only (64 hex
 * digits, or PKCS #12), or as 64 hex digits from wherever secrets are kept.
 *
 * <p>Guarantees: it is never printed, compared or handed out; only keys derived from it are.
 */
public final class RootKey {
  private static final int LENGTH = 32;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private final SecretKey key;
  private final String id;

  private RootKey(byte[] bytes) {
    this.key = new SecretKeySpec(bytes, "HmacSHA256");
    byte[] name = Crypto.hmac(Crypto.derive(key, Crypto.domain("root-id"))).doFinal();
    this.id = HexFormat.of().formatHex(name, 0, 4);
  }

  /** Reads the key; fails if anybody but the file's owner may read or write it. */
  public static RootKey read(Path file) throws IOException {
    requireOwners(file, "the root key");
    return ofHex(Files.readString(file).strip(), file.toString());
  }

  /**
   * Reads the one secret key of a PKCS #12 file; fails if anybody but their owner may read or write
   * the two files.
   *
   * @param passwordFile the file's password, the store's and the key's alike
   */
  public static RootKey read(Path pkcs12, Path passwordFile) throws IOException {
    requireOwners(pkcs12, "the root key");
    return new RootKey(Pkcs12.read(pkcs12, password(passwordFile), LENGTH));
  }

  /**
   * A key that was kept elsewhere.
   *
   * @param hex 64 hex digits
   * @param where for people, to be told where it is none
   */
  public static RootKey parse(String hex, String where) throws IOException {
    return ofHex(hex.strip(), where);
  }

  /** Makes a new key in a new file, 0600; fails if the file exists. */
  public static RootKey create(Path file, SecureRandom random) throws IOException {
    byte[] bytes = new byte[LENGTH];
    random.nextBytes(bytes);
    Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    Files.writeString(file, HexFormat.of().formatHex(bytes) + "\n");
    return new RootKey(bytes);
  }

  /** The same in a new PKCS #12 file. */
  public static RootKey create(Path pkcs12, Path passwordFile, SecureRandom random)
      throws IOException {
    byte[] bytes = new byte[LENGTH];
    random.nextBytes(bytes);
    char[] password = password(passwordFile);
    Files.createFile(pkcs12, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    Pkcs12.write(pkcs12, password, bytes);
    return new RootKey(bytes);
  }

  private static char[] password(Path file) throws IOException {
    requireOwners(file, "the root key's password");
    String password = Files.readString(file).strip();
    if (password.isEmpty()) {
      throw new IOException("the root key's password is empty: " + file);
    }
    return password.toCharArray();
  }

  private static void requireOwners(Path file, String what) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(what + " is not a file: " + file);
    }
    if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
      throw new IOException(
          what + " may be read by others; make it its owner's alone (chmod 600): " + file);
    }
  }

  private static RootKey ofHex(String hex, String where) throws IOException {
    if (hex.length() != LENGTH * 2 || !hex.chars().allMatch(HexFormat::isHexDigit)) {
      throw new IOException("the root key is not 64 hex digits: " + where);
    }
    return new RootKey(HexFormat.of().parseHex(hex));
  }

  static RootKey ofBytes(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new IllegalArgumentException("a root key is 32 bytes");
    }
    return new RootKey(bytes.clone());
  }

  /** Which root key this is: 8 hex digits that say nothing else about it. */
  public String id() {
    return id;
  }

  /** The key of one chain in one epoch. */
  public ChainKey chainKey(int epoch, ChainId chain) {
    ByteWriter epochInfo = new ByteWriter(32);
    epochInfo.put(Crypto.domain("epoch"));
    epochInfo.put32(epoch);
    ByteWriter chainInfo = new ByteWriter(64);
    chainInfo.put(Crypto.domain("chain"));
    chainInfo.put(chain.bytes().toArray());
    SecretKey epochKey = Crypto.derive(key, epochInfo.toArray());
    return new ChainKey(Crypto.derive(epochKey, chainInfo.toArray()), id + "-" + epoch);
  }

  /** Makes the handles by which somebody's keys are found; nobody else can tell whose they are. */
  public UnaryOperator<Bytes> handles() {
    return handles(handleKey());
  }

  /** What handles are made with; it seals nothing. */
  SecretKey handleKey() {
    return Crypto.derive(key, Crypto.domain("subject"));
  }

  static UnaryOperator<Bytes> handles(SecretKey handleKey) {
    return subject -> Bytes.of(Crypto.hmac(handleKey).doFinal(subject.toArray()));
  }

  @Override
  public String toString() {
    return "RootKey[" + id + "]";
  }
}
