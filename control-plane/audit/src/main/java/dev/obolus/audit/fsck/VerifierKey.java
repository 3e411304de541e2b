// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The root key, for verifying. Derives by RFC 5869 written out, not by the JDK's KDF that the
 * writer uses.
 *
 * <p>Guarantees: never printed, compared or handed out.
 */
public final class VerifierKey {
  private static final String HMAC = "HmacSHA256";

  private final byte[] root;
  private final String id;

  private VerifierKey(byte[] root) {
    this.root = root;
    byte[] name = mac(hkdf(root, domain("root-id"))).doFinal();
    this.id = HexFormat.of().formatHex(name, 0, 4);
  }

  /** Reads a file of 64 hex digits that nobody but its owner may read. */
  public static VerifierKey read(Path file) throws IOException {
    requireOwners(file);
    return parse(Files.readString(file), file.toString());
  }

  /** The one secret key of a PKCS #12 file, with its password from another. */
  public static VerifierKey read(Path pkcs12, Path passwordFile) throws IOException {
    requireOwners(pkcs12);
    requireOwners(passwordFile);
    char[] password = Files.readString(passwordFile).strip().toCharArray();
    try {
      KeyStore store = KeyStore.getInstance(pkcs12.toFile(), password);
      if ("PKCS12".equalsIgnoreCase(store.getType()) && store.size() == 1) {
        Key key = store.getKey(store.aliases().nextElement(), password);
        if (key instanceof SecretKey secret && secret.getEncoded().length == 32) {
          return new VerifierKey(secret.getEncoded());
        }
      }
    } catch (GeneralSecurityException | IOException _) {
      throw new IOException("the root key cannot be read with this password: " + pkcs12);
    }
    throw new IOException("not one secret key of 32 bytes in PKCS #12: " + pkcs12);
  }

  /** A key of 64 hex digits that was kept elsewhere; {@code where} is for people. */
  public static VerifierKey parse(String hex, String where) throws IOException {
    try {
      byte[] root = HexFormat.of().parseHex(hex.strip());
      if (root.length == 32) {
        return new VerifierKey(root);
      }
    } catch (IllegalArgumentException _) {
      throw new IOException("the root key is not 64 hex digits: " + where);
    }
    throw new IOException("the root key is not 64 hex digits: " + where);
  }

  private static void requireOwners(Path file) throws IOException {
    for (PosixFilePermission permission : Files.getPosixFilePermissions(file)) {
      if (!Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE)
          .contains(permission)) {
        throw new IOException("the root key may be read by others (chmod 600): " + file);
      }
    }
  }

  String id() {
    return id;
  }

  /** HMAC under the key of a chain in an epoch. */
  Mac chainMac(int epoch, byte[] chain) {
    byte[] epochKey =
        hkdf(root, join(domain("epoch"), ByteBuffer.allocate(4).putInt(epoch).array()));
    return mac(hkdf(epochKey, join(domain("chain"), chain)));
  }

  static byte[] domain(String name) {
    return ("obolus/audit/v1/" + name + "\0").getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] hkdf(byte[] secret, byte[] info) {
    byte[] extracted = mac(new byte[32]).doFinal(secret);
    return mac(extracted).doFinal(join(info, new byte[] {1}));
  }

  private static Mac mac(byte[] key) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(key, HMAC));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] join(byte[] first, byte[] second) {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(first);
    both.writeBytes(second);
    return both.toByteArray();
  }

  @Override
  public String toString() {
    return "VerifierKey[" + id + "]";
  }
}
