// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.personal;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.chain.Crypto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;

/**
 * Key-encryption keys in a file: 64 hex digits a line, the last line wraps. Read anew each time, so
 * that taking a line away takes effect at once, in every process that shares the file.
 *
 * <p>Guarantees: keys are never printed or handed out. What a disk or a backup of the file keeps of
 * a line that was taken away is not in this class's power.
 */
public final class FileKeyEncryption implements KeyEncryption {
  private static final Pattern LINE = Pattern.compile("[0-9a-f]{64}");
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
  private static final byte[] VERSION = Crypto.domain("value-kek");

  private final Path file;
  private final SecureRandom random;

  public FileKeyEncryption(Path file, SecureRandom random) {
    this.file = file;
    this.random = random;
  }

  /** Makes a new file with one key, 0600; fails if the file exists. */
  public static FileKeyEncryption create(Path file, SecureRandom random) throws IOException {
    Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    Files.writeString(file, fresh(random) + "\n");
    return new FileKeyEncryption(file, random);
  }

  @Override
  public Wrapped wrap(byte[] secret, byte[] context) throws IOException {
    return wrap(newest(), secret, context);
  }

  @Override
  public Wrapped wrapWith(String version, byte[] secret, byte[] context) throws IOException {
    return wrap(require(version), secret, context);
  }

  private Wrapped wrap(byte[] key, byte[] secret, byte[] context) {
    byte[] nonce = new byte[Gcm.NONCE_LENGTH];
    random.nextBytes(nonce);
    return new Wrapped(version(key), Bytes.of(Gcm.seal(key, nonce, secret, context)));
  }

  @Override
  public byte[] unwrap(Wrapped wrapped, byte[] context) throws IOException {
    byte[] key = find(wrapped.version()).orElseThrow(() -> new Unreadable(gone(wrapped.version())));
    return Gcm.open(key, wrapped.bytes().toArray(), context)
        .orElseThrow(() -> new Unreadable("a wrapped key was changed"));
  }

  private byte[] require(String version) throws IOException {
    return find(version).orElseThrow(() -> new IOException(gone(version)));
  }

  private Optional<byte[]> find(String version) throws IOException {
    return keys().stream().filter(key -> version(key).equals(version)).findFirst();
  }

  private static String gone(String version) {
    return "the key-encryption key " + version + " is gone";
  }

  @Override
  public String version() throws IOException {
    return version(newest());
  }

  @Override
  public String rotate() throws IOException {
    List<String> lines = new ArrayList<>(lines());
    lines.add(fresh(random));
    replace(lines);
    return version();
  }

  @Override
  public void destroyAllBut(Set<String> used) throws IOException {
    List<String> lines = lines();
    replace(
        lines.stream()
            .filter(line ->
                line.equals(lines.getLast())
                    || used.contains(version(HexFormat.of().parseHex(line))))
            .toList());
  }

  private List<String> lines() throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("the key-encryption key is not a file: " + file);
    }
    if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
      throw new IOException(
          "the key-encryption key may be read by others; make it its owner's alone (chmod 600): "
              + file);
    }
    List<String> lines = Files.readAllLines(file).stream().filter(line -> !line.isBlank()).toList();
    if (lines.isEmpty() || !lines.stream().allMatch(LINE.asMatchPredicate())) {
      throw new IOException("the key-encryption key is not lines of 64 hex digits: " + file);
    }
    return lines;
  }

  private List<byte[]> keys() throws IOException {
    return lines().stream().map(HexFormat.of()::parseHex).toList();
  }

  private byte[] newest() throws IOException {
    return keys().getLast();
  }

  /** Written beside the old one, to disk, then moved over it: never half a file. */
  private void replace(List<String> lines) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.deleteIfExists(next);
    Files.createFile(next, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    byte[] content = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.US_ASCII);
    try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
      for (ByteBuffer bytes = ByteBuffer.wrap(content); bytes.hasRemaining(); ) {
        int _ = channel.write(bytes);
      }
      channel.force(true);
    }
    Path _ = Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String version(byte[] key) {
    byte[] name = Crypto.hmac(new SecretKeySpec(key, "HmacSHA256")).doFinal(VERSION);
    return HexFormat.of().formatHex(name, 0, 4);
  }

  private static String fresh(SecureRandom random) {
    byte[] key = new byte[32];
    random.nextBytes(key);
    return HexFormat.of().formatHex(key);
  }
}
