// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.vault;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.spec.MGF1ParameterSpec;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What lies in the vault, in a file that only its owner may read: it outlives the process. */
public final class Vault {
  private static final OAEPParameterSpec OAEP =
      new OAEPParameterSpec(
          "SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);

  private final Path file;

  /** Each name's versions, the newest last. */
  private final Map<String, List<Version>> all = new LinkedHashMap<>();

  private Vault(Path file) {
    this.file = file;
  }

  /** Reads it, or begins an empty one. */
  public static Vault in(Path folder) throws IOException {
    var vault = new Vault(folder.resolve("vault.json"));
    if (Files.exists(vault.file)) {
      JsonMapper.shared()
          .readTree(Files.readString(vault.file))
          .properties()
          .forEach(named ->
              named.getValue().forEach(one -> vault.keep(named.getKey(), Version.read(one))));
    }
    return vault;
  }

  /**
   * One version of a secret or a key.
   *
   * @param content a secret's text, or a private RSA key as JSON
   */
  record Version(String id, String content, boolean enabled) {
    private static Version read(JsonNode one) {
      return new Version(
          one.path("id").asString(""),
          one.path("content").asString(""),
          one.path("enabled").asBoolean(true));
    }

    private static Version of(String content) {
      return new Version(UUID.randomUUID().toString().replace("-", ""), content, true);
    }

    RSAKey key() {
      try {
        return RSAKey.parse(content);
      } catch (ParseException e) {
        throw new IllegalStateException("no key", e);
      }
    }

    byte[] crypt(int mode, byte[] input) throws GeneralSecurityException {
      Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
      try {
        cipher.init(
            mode,
            mode == Cipher.ENCRYPT_MODE ? key().toRSAPublicKey() : key().toRSAPrivateKey(),
            OAEP);
      } catch (JOSEException e) {
        throw new GeneralSecurityException(e);
      }
      return cipher.doFinal(input);
    }

    @Override
    public String toString() {
      return "Version[" + id + "]";
    }
  }

  /** A new version of the secret; answers its version. */
  public synchronized String putSecret(String name, String value) {
    return add("secrets/" + named(name), value);
  }

  /** A new version of the key, made here; answers its version. */
  public synchronized String putKey(String name) {
    try {
      return add("keys/" + named(name), new RSAKeyGenerator(2048).generate().toJSONString());
    } catch (JOSEException e) {
      throw new IllegalStateException("no RSA here", e);
    }
  }

  /**
   * Takes a version out of use, or back into it.
   *
   * @param kind {@code keys} or {@code secrets}
   */
  public synchronized void enable(String kind, String name, String version, boolean enabled) {
    List<Version> versions = all.getOrDefault(kind + "/" + name, List.of());
    for (int i = 0; i < versions.size(); i++) {
      Version one = versions.get(i);
      if (one.id().equals(version)) {
        Version _ = versions.set(i, new Version(one.id(), one.content(), enabled));
        save();
        return;
      }
    }
    throw new IllegalArgumentException("there is no such version");
  }

  /**
   * One version.
   *
   * @param version empty for the newest
   */
  synchronized Optional<Version> find(String kind, String name, String version) {
    List<Version> versions = versions(kind, name);
    return version.isEmpty()
        ? versions.stream().reduce((_, newer) -> newer)
        : versions.stream().filter(one -> one.id().equals(version)).findFirst();
  }

  synchronized List<Version> versions(String kind, String name) {
    return List.copyOf(all.getOrDefault(kind + "/" + name, List.of()));
  }

  private String add(String name, String content) {
    Version version = Version.of(content);
    keep(name, version);
    save();
    return version.id();
  }

  private void keep(String name, Version version) {
    boolean _ = all.computeIfAbsent(name, _ -> new ArrayList<>()).add(version);
  }

  private static String named(String name) {
    if (!name.matches("[0-9a-zA-Z-]{1,127}")) {
      throw new IllegalArgumentException("a name is letters, digits and hyphens");
    }
    return name;
  }

  private void save() {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    all.forEach((name, versions) -> {
      var list = json.putArray(name);
      versions.forEach(one ->
          list.addObject()
              .put("id", one.id())
              .put("content", one.content())
              .put("enabled", one.enabled()));
    });
    Path next = file.resolveSibling("vault.json.next");
    try {
      boolean _ = Files.deleteIfExists(next);
      Files.createFile(
          next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(next, json.toString());
      Path _ = Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("the vault cannot be kept", e);
    }
  }
}
