// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import dev.obolus.audit.fsck.Verification.Signed;
import dev.obolus.audit.fsck.Verification.State;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Verifies an evidence export with its manifest, without a database: each line's leaf, place and
 * link, with root keys its MAC, that of no chain and of no tenant a record is left out, and that
 * the file is the one that its manifest tells of.
 *
 * <p>Guarantees: with the log's public keys, a file whose manifest the log did not sign is broken.
 * Which records its newest checkpoint covers is the manifest's word; none of them is pending.
 * Without any key only hashes, links and counts are checked. The readable half of a line is no
 * evidence; it is covered by the manifest's digest alone. Records may be left out that were pruned:
 * first, last and number as a record in the file names them, of which the log's note stands in the
 * manifest, and in the file the words of the two people who agreed, or in the manifest that these
 * are other tenants'. Blocks; not for a second use.
 */
public final class EvidenceFile {
  private static final Pattern LINE =
      Pattern.compile(
          "\\{\"chain\":\"([0-9a-f]{32})\",\"seq\":\"([0-9]{1,18})\",\"key_id\":\"([0-9a-f-]{1,40})\","
              + "\"prev_mac\":\"([0-9a-f]{64})\",\"mac\":\"([0-9a-f]{64})\",\"leaf\":\"([0-9a-f]{64})\","
              + "\"canonical\":\"([A-Za-z0-9+/=]*)\",\"record\":\\{.*\\}\\}");

  private static final byte[] ERASED = "OBO3003A".getBytes(StandardCharsets.US_ASCII);

  private final Path file;
  private final Path manifestFile;
  private final List<VerifierKey> keys;
  private final Optional<PublicKeys> trusted;
  private final AuditVerifier.Progress progress;
  private final MessageDigest sha256 = ChainCheck.sha256();
  private final Parsed parsed = new Parsed();
  private final Map<ChainId, Stand> chains = new HashMap<>();
  private final HandedPrunes handed;
  private final ChainEnds ends = new ChainEnds();
  private Prunes prunes = new Prunes();
  private Map<ChainId, Long> covered = Map.of();
  private long records;
  private long pending;

  /**
   * @param keys root keys; none to check hashes and links only
   * @param trusted the log's public keys; without them the manifest's signature is not looked at
   */
  public EvidenceFile(
      Path file,
      Path manifest,
      List<VerifierKey> keys,
      Optional<PublicKeys> trusted,
      AuditVerifier.Progress progress) {
    this.file = file;
    this.manifestFile = manifest;
    this.keys = List.copyOf(keys);
    this.trusted = trusted;
    this.progress = progress;
    this.handed = new HandedPrunes(trusted);
  }

  /** How far a chain has come in the file. */
  private static final class Stand {
    private final Map<String, Long> tenants = new HashMap<>();
    private final Map<String, Faulty> leaps = new LinkedHashMap<>();
    private final Set<String> prunable = new HashSet<>();
    private Optional<EntryMac> mac = Optional.empty();
    private String keyId = "";
    private long records;
    private long seq;
    private byte[] head = new byte[32];
  }

  /** Verifies the whole file; fails if it or its manifest cannot be read. */
  public Verification verify() throws IOException {
    long began = System.nanoTime();
    Optional<Verification.Bad> bad = Optional.empty();
    Optional<Signed> signed = Optional.empty();
    try {
      Manifest manifest = Manifest.parse(Files.readString(manifestFile));
      covered = manifest.covered();
      check(manifest);
      signed = signed(manifest);
    } catch (Found found) {
      bad = Optional.of(found.bad());
    }
    boolean waiting = records == 0 || (signed.isPresent() && pending == records);
    State state = bad.isPresent() ? State.BROKEN : waiting ? State.PENDING : State.VERIFIED;
    return new Verification(
        state,
        !keys.isEmpty(),
        records,
        0,
        signed.isPresent() ? pending : 0,
        chains.size(),
        signed,
        bad,
        prunes.found(),
        List.of(),
        List.of(),
        List.of(),
        Duration.ofNanos(System.nanoTime() - began));
  }

  /** The log's newest checkpoint at the time, if it is told how far it covers the file's chains. */
  private Optional<Signed> signed(Manifest manifest) throws Found {
    Optional<Note> note = manifest.checkpoint();
    if (trusted.isEmpty() || note.isEmpty()) {
      return Optional.empty();
    }
    if (!trusted.get().signedByLog(note.get())) {
      throw new Found(
          new TreeFaulty(
              0,
              Fault.SIGNATURE,
              "the manifest's checkpoint of size "
                  + note.get().size()
                  + " was not signed with the log's keys"),
          Optional.empty());
    }
    return note.filter(_ -> manifest.saysWhatIsCovered())
        .map(newest -> new Signed(newest.size(), Map.of(), Map.of()));
  }

  private void check(Manifest manifest) throws IOException, Found {
    if (trusted.isPresent() && !trusted.get().signedByLog(manifest.text(), manifest.signatures())) {
      throw manifest("the manifest was not signed with the log's key");
    }
    if (!manifest.format().equals("evidence")) {
      throw manifest("its format is " + manifest.format() + ", only evidence can be verified");
    }
    MessageDigest whole = ChainCheck.sha256();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new DigestInputStream(Files.newInputStream(file), whole),
                StandardCharsets.UTF_8.newDecoder()))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        line(line);
        if (++records % 4096 == 0) {
          progress.at(records, manifest.records());
        }
      }
    } catch (MalformedInputException e) {
      throw manifest("the file is not UTF-8");
    }
    ends.conclude();
    boolean everybody = manifest.tenants().isEmpty();
    prunes = handed.counting(manifest.prunes(), everybody ? Set.of() : manifest.outside());
    for (Map.Entry<ChainId, Manifest.Part> part : manifest.chains().entrySet()) {
      end(part.getKey(), part.getValue(), manifest);
    }
    if (!manifest.chains().keySet().containsAll(chains.keySet())) {
      throw manifest("the file has a chain that the manifest does not tell of");
    }
    if (records != manifest.records() || !manifest.sha256().equals(Bytes.of(whole.digest()))) {
      throw manifest("the file has another digest");
    }
  }

  private void line(String line) throws Found {
    Matcher part = LINE.matcher(line);
    if (!part.matches()) {
      throw manifest("line " + (records + 1) + " is not of the format");
    }
    ChainId chain = ChainId.parse(part.group(1));
    long seq = Long.parseLong(part.group(2));
    try {
      record(chain, seq, part);
    } catch (Faulty e) {
      throw new Found(chain, e);
    } catch (Malformed | IllegalArgumentException e) {
      throw new Found(chain, new Faulty(Fault.UNREADABLE, seq, ""));
    }
  }

  private void record(ChainId chain, long seq, Matcher part) throws Faulty, Malformed {
    byte[] canonical = Base64.getDecoder().decode(part.group(7));
    byte[] leaf = HexFormat.of().parseHex(part.group(6));
    sha256.update((byte) 0);
    unless(MessageDigest.isEqual(sha256.digest(canonical), leaf), Fault.LEAF, seq, "");
    parsed.read(canonical, 0, canonical.length);
    unless(parsed.holds(Parsed.CHAIN, chain.bytes().toArray()), Fault.PLACE, seq, "chain");
    unless(parsed.whole(Parsed.SEQ) == seq, Fault.PLACE, seq, "seq");
    unless(parsed.text(Parsed.KEY_ID).equals(part.group(3)), Fault.PLACE, seq, "key");
    Stand stand = chains.get(chain);
    if (stand == null) {
      stand = new Stand();
      chains.put(chain, stand);
    }
    link(stand, chain, seq, part, leaf);
    count(stand, seq);
    handed.take(chain, seq, leaf, parsed);
    ends.take(chain, seq, parsed);
    stand.records++;
    if (seq > covered.getOrDefault(chain, 0L)) {
      pending++;
    }
  }

  /** What a tenant lacks may have been pruned: that is seen when all was read. */
  private void count(Stand stand, long seq) throws Faulty, Malformed {
    String tenant = parsed.text(Parsed.TENANT);
    long number = parsed.whole(Parsed.TENANT_SEQ);
    long count = stand.tenants.merge(tenant, 1L, Long::sum);
    if (!parsed.holds(Parsed.CODE, ERASED)) {
      boolean _ = stand.prunable.add(tenant);
    }
    if (number != count) {
      Faulty leap =
          new Faulty(
              Fault.TENANT_SEQ, seq, "record " + count + " of its tenant is not in the file");
      if (number < count || tenant.equals("-")) {
        throw leap;
      }
      Faulty _ = stand.leaps.putIfAbsent(tenant, leap);
      Long _ = stand.tenants.put(tenant, number);
    }
  }

  private void link(Stand stand, ChainId chain, long seq, Matcher part, byte[] leaf) throws Faulty {
    byte[] before = HexFormat.of().parseHex(part.group(4));
    byte[] mac = HexFormat.of().parseHex(part.group(5));
    unless(seq > stand.seq, Fault.DUPLICATE, seq, "");
    if (seq == stand.seq + 1) {
      unless(MessageDigest.isEqual(before, stand.head), Fault.PREVIOUS, seq, "");
    }
    if (stand.keyId.isEmpty()) {
      stand.keyId = part.group(3);
      stand.mac = EntryMac.of(keys, stand.keyId, chain.bytes().toArray());
    }
    unless(stand.keyId.equals(part.group(3)), Fault.PLACE, seq, "key");
    unless(keys.isEmpty() || stand.mac.isPresent(), Fault.KEY, seq, stand.keyId);
    if (stand.mac.isPresent()) {
      boolean sealed = stand.mac.get().sealed(seq, before, leaf, 0, leaf.length, mac);
      unless(sealed, Fault.MAC, seq, "");
    }
    stand.seq = seq;
    stand.head = mac;
  }

  private void end(ChainId chain, Manifest.Part part, Manifest manifest) throws Found {
    Stand stand = chains.getOrDefault(chain, new Stand());
    boolean everybody = manifest.tenants().isEmpty();
    excused(chain, stand, manifest.tenants());
    if (stand.records < part.records() || (everybody && stand.seq < part.last())) {
      throw new Found(
          chain,
          new Faulty(Fault.TRUNCATED, stand.seq + 1, "the manifest tells of " + part.records()));
    }
    boolean whole = stand.records == part.records() && stand.seq <= part.last();
    if (!whole || (stand.seq == part.last() && !same(stand, part))) {
      throw new Found(chain, new Faulty(Fault.MANIFEST, Math.max(1, stand.seq), ""));
    }
  }

  /** What is left out must be what the record of a prune names, by number and by tenant. */
  private void excused(ChainId chain, Stand stand, Set<String> whose) throws Found {
    try {
      if (whose.isEmpty()) {
        prunes.conclude(chain, handed.there(chain), stand.seq);
      } else {
        prunes.look(chain, whose, stand.prunable);
      }
    } catch (Faulty e) {
      throw new Found(chain, e);
    }
    prunes.reached(chain, stand.seq, Bytes.of(stand.head));
    for (Map.Entry<String, Faulty> leap : stand.leaps.entrySet()) {
      if (!prunes.tenants(chain).contains(leap.getKey())) {
        throw new Found(chain, leap.getValue());
      }
    }
  }

  private static boolean same(Stand stand, Manifest.Part part) {
    return part.mac().map(Bytes.of(stand.head)::equals).orElse(stand.seq == 0);
  }

  private static void unless(boolean sound, Fault fault, long seq, String detail) throws Faulty {
    if (!sound) {
      throw new Faulty(fault, seq, detail);
    }
  }

  private static Found manifest(String sentence) {
    return new Found(new TreeFaulty(0, Fault.MANIFEST, sentence), Optional.empty());
  }
}
