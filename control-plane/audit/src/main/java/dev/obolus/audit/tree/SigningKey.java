// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.tree;

import dev.obolus.audit.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;

/**
 * A log's or a witness's pair of signing keys, Ed25519 and ML-DSA-44, under one name, in a file for
 * its owner's eyes only.
 *
 * <p>Guarantees: the private keys are never printed, compared or handed out; they sign checkpoints
 * and nothing else.
 */
public final class SigningKey {
  private static final String FIRST_LINE = "obolus signing key v1";
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private final String name;
  private final Ed25519PrivateKeyParameters ed25519;
  private final PrivateKey mlDsa44;
  private final Bytes mlDsa44Public;

  private SigningKey(
      String name, Ed25519PrivateKeyParameters ed25519, PrivateKey mlDsa44, Bytes mlDsa44Public) {
    this.name = name;
    this.ed25519 = ed25519;
    this.mlDsa44 = mlDsa44;
    this.mlDsa44Public = mlDsa44Public;
  }

  /** Reads the keys; fails if anybody but the file's owner may read or write it. */
  public static SigningKey read(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("the signing key is not a file: " + file);
    }
    if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
      throw new IOException(
          "the signing key may be read by others; make it its owner's alone (chmod 600): " + file);
    }
    List<String> lines = Files.readAllLines(file);
    if (lines.size() < 5 || !lines.getFirst().equals(FIRST_LINE)) {
      throw new IOException("not a signing key: " + file);
    }
    try {
      return new SigningKey(
          value(lines.get(1), "name"),
          new Ed25519PrivateKeyParameters(base64(lines.get(2), "ed25519")),
          KeyFactory.getInstance(Signatures.ML_DSA_44)
              .generatePrivate(new PKCS8EncodedKeySpec(base64(lines.get(3), "ml-dsa-44"))),
          Bytes.of(base64(lines.get(4), "ml-dsa-44-public")));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("not a signing key: " + file); // what is wrong might show it
    }
  }

  /** Makes new keys in a new file, 0600; fails if the file exists. */
  public static SigningKey create(Path file, String name, SecureRandom random) throws IOException {
    SignedNote.checkName(name);
    Ed25519PrivateKeyParameters ed25519 = new Ed25519PrivateKeyParameters(random);
    KeyPair mlDsa44 = mlDsa44(random);
    SigningKey made =
        new SigningKey(name, ed25519, mlDsa44.getPrivate(), Signatures.raw(mlDsa44.getPublic()));
    Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    Files.write(
        file,
        List.of(
            FIRST_LINE,
            "name " + name,
            "ed25519 " + base64(ed25519.getEncoded()),
            "ml-dsa-44 " + base64(mlDsa44.getPrivate().getEncoded()),
            "ml-dsa-44-public " + base64(made.mlDsa44Public.toArray())));
    return made;
  }

  /** The name that its signatures carry. */
  public String name() {
    return name;
  }

  /** What others check a log's signatures by. */
  public List<NoteKey> logKeys() {
    return List.of(
        new NoteKey(name, SignatureType.ED25519, ed25519Public()),
        new NoteKey(name, SignatureType.ML_DSA_44, mlDsa44Public));
  }

  /** What others check a witness's cosignatures by. */
  public List<NoteKey> witnessKeys() {
    return List.of(
        new NoteKey(name, SignatureType.ED25519_COSIGNATURE, ed25519Public()),
        new NoteKey(name, SignatureType.ML_DSA_44, mlDsa44Public));
  }

  /** A checkpoint signed by its log, whose name the key must have. */
  public SignedNote sign(Checkpoint checkpoint, Instant now) {
    if (!checkpoint.origin().equals(name)) {
      throw new IllegalArgumentException(name + " does not sign for " + checkpoint.origin());
    }
    return new SignedNote(checkpoint.text(), lines(logKeys(), checkpoint.text(), now));
  }

  /**
   * A text of the log's that is no checkpoint, such as the manifest of an export, signed as a note:
   * by Ed25519 alone, since the other signature is made of a checkpoint's parts.
   *
   * @param text must not begin with the log's name, as its checkpoints do
   */
  public SignedNote signManifest(String text, Instant now) {
    if (text.startsWith(name + "\n")) {
      throw new IllegalArgumentException("this might be taken for a checkpoint");
    }
    NoteKey ed25519Key = new NoteKey(name, SignatureType.ED25519, ed25519Public());
    return new SignedNote(text, lines(List.of(ed25519Key), text, now));
  }

  /** A witness's cosignatures of a checkpoint. */
  public List<SignedNote.Line> cosign(String text, Instant now) {
    return lines(witnessKeys(), text, now);
  }

  private List<SignedNote.Line> lines(List<NoteKey> keys, String text, Instant now) {
    return keys.stream().map(key -> line(key, text, now.getEpochSecond())).toList();
  }

  private SignedNote.Line line(NoteKey key, String text, long time) {
    byte[] message = key.type().message(name, time, text);
    byte[] signature =
        key.type() == SignatureType.ML_DSA_44 ? signMlDsa44(message) : signEd25519(message);
    return SignedNote.Line.of(
        name,
        key.id(),
        key.type() == SignatureType.ED25519
            ? signature
            : joined(SignatureType.whole(time), signature));
  }

  private byte[] signEd25519(byte[] message) {
    Ed25519Signer signer = new Ed25519Signer();
    signer.init(true, ed25519);
    signer.update(message, 0, message.length);
    return signer.generateSignature();
  }

  private byte[] signMlDsa44(byte[] message) {
    try {
      Signature signer = Signature.getInstance(Signatures.ML_DSA_44);
      signer.initSign(mlDsa44);
      signer.update(message);
      return signer.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private Bytes ed25519Public() {
    return Bytes.of(ed25519.generatePublicKey().getEncoded());
  }

  private static KeyPair mlDsa44(SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(Signatures.ML_DSA_44);
      generator.initialize(java.security.spec.NamedParameterSpec.ML_DSA_44, random);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String value(String line, String key) {
    if (!line.startsWith(key + " ")) {
      throw new IllegalArgumentException(key + " is missing");
    }
    return line.substring(key.length() + 1).strip();
  }

  private static byte[] base64(String line, String key) {
    return Base64.getDecoder().decode(value(line, key));
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  @Override
  public String toString() {
    return "SigningKey[" + name + "]";
  }
}
