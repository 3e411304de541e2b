// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Verification.OpenPermit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How far a verification came, as text that its owner keeps: per chain the last record that a
 * checkpoint covers and what the next one is checked against. A later verification goes on from
 * there and does not read again what was checked; whoever can change a bookmark can hide what lies
 * before it, so it is kept like a key. Newer records than the newest checkpoint are not in it, and
 * are read each time.
 */
final class Bookmark {
  private static final String FIRST = "obolus-bookmark/2";

  private final List<VerifierKey> keys;
  private final boolean signed;
  private final Permits permits;
  private final Map<ChainId, ChainCheck.Reached> chains = new LinkedHashMap<>();

  /**
   * @param signed whether signatures are checked
   * @param permits what is known of permits so far: kept and read with the chains
   */
  Bookmark(List<VerifierKey> keys, boolean signed, Permits permits) {
    this.keys = keys;
    this.signed = signed;
    this.permits = permits;
  }

  /** A check of the chain that goes on where it stands here, or begins. */
  ChainCheck check(ChainId chain, ValueKeys values) {
    byte[] id = chain.bytes().toArray();
    ChainCheck.Reached reached = chains.get(chain);
    return reached == null
        ? new ChainCheck(id, keys, values)
        : ChainCheck.after(id, keys, values, reached);
  }

  /** Whether an earlier verification has read of the chain. */
  boolean knows(ChainId chain) {
    return chains.containsKey(chain);
  }

  void reached(ChainId chain, ChainCheck check) {
    chains.put(chain, check.reached());
  }

  /**
   * All of it as text.
   *
   * @param checkpoint the newest one, under which the chains stood: the log must go on holding it
   */
  String text(Optional<Note> checkpoint) {
    List<String> lines = new ArrayList<>(List.of(FIRST, "keys " + keyIds()));
    checkpoint.ifPresent(note -> lines.add("checkpoint " + hex(note.whole())));
    chains.forEach((chain, at) -> {
      lines.add(
          "chain %s %d %s %d %s %s %s"
              .formatted(
                  chain,
                  at.seq(),
                  at.mac(),
                  at.epoch(),
                  at.closed() ? "closed" : "open",
                  hex(at.keyId()),
                  hex(at.origin())));
      at.tenants()
          .forEach(
              (tenant, count) -> lines.add("tenant %s %d %s".formatted(chain, count, hex(tenant))));
    });
    for (OpenPermit permit : permits.open()) {
      lines.add(
          "permit %s %d %s %s"
              .formatted(
                  permit.chain(), permit.seq(), hex(permit.decisionId()), hex(permit.tenant())));
    }
    for (Permits.Place place : permits.concluded()) {
      lines.add("concluded " + place.chain() + " " + place.seq());
    }
    permits.ended().forEach((chain, seq) -> lines.add("ended " + chain + " " + seq));
    String text = String.join("\n", lines) + "\n";
    return text + "sha256 " + digest(text) + "\n";
  }

  /**
   * Goes on from what {@link #text} gave. Fails with {@link IllegalArgumentException} if it is
   * something else, or was made with other keys.
   *
   * @return the checkpoint that the log must still hold
   */
  Optional<Note> read(String text) {
    int end = text.lastIndexOf("sha256 ");
    if (!text.startsWith(FIRST + "\n")
        || end < 0
        || !text.substring(end).equals("sha256 " + digest(text.substring(0, end)) + "\n")) {
      throw new IllegalArgumentException("this is no bookmark, or it was changed");
    }
    Map<ChainId, Map<String, Long>> tenants = new HashMap<>();
    List<String[]> lines = new ArrayList<>();
    for (String line : text.substring(0, end).split("\n", -1)) {
      lines.add(line.split(" ", -1));
    }
    Optional<Note> checkpoint = Optional.empty();
    for (String[] line : lines) {
      switch (line[0]) {
        case "checkpoint" -> checkpoint = Optional.of(Note.parse(text(line[1])));
        case "keys" -> sameKeys(line[1]);
        case "tenant" -> {
          Long _ =
              tenants
                  .computeIfAbsent(ChainId.parse(line[1]), any -> new HashMap<>())
                  .put(text(line[3]), Long.valueOf(line[2]));
        }
        case "permit" ->
            permits.add(
                new OpenPermit(
                    text(line[4]), ChainId.parse(line[1]), Long.parseLong(line[2]), text(line[3])));
        case "concluded" ->
            permits.conclude(new Permits.Place(Bytes.ofHex(line[1]), Long.parseLong(line[2])));
        case "ended" -> permits.end(ChainId.parse(line[1]), Long.parseLong(line[2]));
        default -> {}
      }
    }
    for (String[] line : lines) {
      if (line[0].equals("chain")) {
        ChainId chain = ChainId.parse(line[1]);
        chains.put(
            chain,
            new ChainCheck.Reached(
                Long.parseLong(line[2]),
                Bytes.ofHex(line[3]),
                Integer.parseInt(line[4]),
                line[5].equals("closed"),
                text(line[6]),
                text(line[7]),
                tenants.getOrDefault(chain, Map.of())));
      }
    }
    return checkpoint;
  }

  private void sameKeys(String made) {
    if (!made.equals(keyIds())) {
      throw new IllegalArgumentException(
          "the bookmark was made with the keys " + made + ", here are " + keyIds());
    }
  }

  private String keyIds() {
    String roots = keys.stream().map(VerifierKey::id).sorted().collect(Collectors.joining(","));
    return (roots.isEmpty() ? "-" : roots) + (signed ? ",public" : "");
  }

  private static String hex(String text) {
    return "x" + HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(String hex) {
    return new String(HexFormat.of().parseHex(hex.substring(1)), StandardCharsets.UTF_8);
  }

  private static String digest(String text) {
    return HexFormat.of()
        .formatHex(ChainCheck.sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
  }
}
