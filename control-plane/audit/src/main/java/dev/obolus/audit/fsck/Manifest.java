// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an export says of itself, taken apart.
 *
 * @param text what is signed
 * @param signatures none if it was not signed
 * @param tenants whose records are in the file, beside those of no tenant; empty for everybody's
 * @param chains what of each chain is in the file
 * @param prunes the log's notes of prunes, by the record that each is of
 * @param covered the newest record of each chain that the checkpoint covers, 0 for none; exports of
 *     before that was said have none of it
 * @param outside places of people's words for prunes that are in the log and not in the file
 */
record Manifest(
    String text,
    List<Note.Signature> signatures,
    Bytes sha256,
    String format,
    Set<String> tenants,
    long records,
    Map<ChainId, Part> chains,
    Map<ChainId, Long> covered,
    Map<StoredTree.Place, String> prunes,
    Set<StoredTree.Place> outside,
    Optional<Note> checkpoint) {
  private static final Pattern CHAIN =
      Pattern.compile(
          "chain ([0-9a-f]{32}) records ([0-9]{1,18}) last ([0-9]{1,18}) ([0-9a-f]{64}|-)");

  private static final Pattern COVERED = Pattern.compile("covered ([0-9a-f]{32}) ([0-9]{1,18})");

  private static final Pattern PRUNE =
      Pattern.compile("(prune|outside) ([0-9a-f]{32}) ([0-9]{1,18})(?: ([A-Za-z0-9+/=]+))?");

  /**
   * How much of a chain.
   *
   * @param last the chain's last record when the file was written, whether or not it is in it
   * @param mac that record's; none of an empty chain
   */
  record Part(long records, long last, Optional<Bytes> mac) {}

  /** Fails with {@link IllegalArgumentException} on anything else. */
  static Manifest parse(String file) {
    int blank = file.indexOf("\n\n");
    String text = blank < 0 ? file : file.substring(0, blank + 1);
    List<Note.Signature> signatures =
        blank < 0 ? List.of() : Note.signatures(file.substring(blank + 2));
    if (!text.startsWith("obolus-export/v1\n")) {
      throw new IllegalArgumentException("this is no manifest of an export");
    }
    Map<String, String> said = new LinkedHashMap<>();
    Map<ChainId, Part> chains = new LinkedHashMap<>();
    Map<ChainId, Long> covered = new HashMap<>();
    Map<StoredTree.Place, String> prunes = new LinkedHashMap<>();
    Set<StoredTree.Place> outside = new HashSet<>();
    for (String line : text.split("\n", -1)) {
      Matcher chain = CHAIN.matcher(line);
      Matcher cover = COVERED.matcher(line);
      Matcher prune = PRUNE.matcher(line);
      int space = line.indexOf(' ');
      if (chain.matches()) {
        Optional<Bytes> mac =
            chain.group(4).equals("-")
                ? Optional.empty()
                : Optional.of(Bytes.ofHex(chain.group(4)));
        chains.put(
            ChainId.parse(chain.group(1)),
            new Part(Long.parseLong(chain.group(2)), Long.parseLong(chain.group(3)), mac));
      } else if (cover.matches()) {
        Long _ = covered.put(ChainId.parse(cover.group(1)), Long.parseLong(cover.group(2)));
      } else if (prune.matches()) {
        StoredTree.Place at =
            new StoredTree.Place(ChainId.parse(prune.group(2)), Long.parseLong(prune.group(3)));
        if (prune.group(1).equals("outside")) {
          boolean _ = outside.add(at);
        } else if (prune.group(4) != null) {
          String _ = prunes.put(at, text(prune.group(4)));
        }
      } else if (space > 0) {
        said.put(line.substring(0, space), line.substring(space + 1));
      }
    }
    return new Manifest(
        text,
        signatures,
        Bytes.ofHex(required(said, "sha256")),
        required(said, "format"),
        tenants(required(said, "tenants")),
        Long.parseLong(required(said, "records")),
        chains,
        covered,
        prunes,
        outside,
        Optional.ofNullable(said.get("checkpoint")).map(Manifest::note));
  }

  /** Whether it says of every chain how far the checkpoint covers it. */
  boolean saysWhatIsCovered() {
    return checkpoint.isPresent() && covered.keySet().containsAll(chains.keySet());
  }

  private static String required(Map<String, String> said, String name) {
    String value = said.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the manifest lacks " + name);
    }
    return value;
  }

  private static Set<String> tenants(String line) {
    return line.equals("*") ? Set.of() : Set.copyOf(new ArrayList<>(List.of(line.split(" ", -1))));
  }

  private static Note note(String base64) {
    return Note.parse(text(base64));
  }

  private static String text(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }
}
