// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.chain;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.crypto.spec.SecretKeySpec;

/** One secret key in a PKCS #12 file (RFC 7292), as {@code keytool -genseckey} makes them too. */
final class Pkcs12 {
  private static final String ALIAS = "obolus-root";

  private Pkcs12() {}

  static byte[] read(Path file, char[] password, int length) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      load(store, in, password, file);
      List<byte[]> found = new ArrayList<>();
      for (String alias : Collections.list(store.aliases())) {
        if (store.getEntry(alias, new KeyStore.PasswordProtection(password))
            instanceof KeyStore.SecretKeyEntry entry) {
          found.add(entry.getSecretKey().getEncoded());
        }
      }
      if (found.size() != 1 || found.getFirst().length != length) {
        throw new IOException("not one secret key of " + length + " bytes: " + file);
      }
      return found.getFirst();
    } catch (GeneralSecurityException _) {
      throw new IOException("the root key cannot be read with this password: " + file);
    }
  }

  private static void load(KeyStore store, InputStream in, char[] password, Path file)
      throws IOException, GeneralSecurityException {
    try {
      store.load(in, password);
    } catch (IOException _) {
      throw new IOException(
          "the root key is no PKCS #12 file, or its password is another: " + file);
    }
  }

  static void write(Path file, char[] password, byte[] secret) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, password);
      store.setEntry(
          ALIAS,
          new KeyStore.SecretKeyEntry(new SecretKeySpec(secret, "HmacSHA256")),
          new KeyStore.PasswordProtection(password));
      store.store(out, password);
    } catch (GeneralSecurityException e) {
      throw new IOException("the root key cannot be written: " + file, e);
    }
  }
}
