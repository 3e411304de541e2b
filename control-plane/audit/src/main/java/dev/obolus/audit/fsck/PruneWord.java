// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one of two people must have said of a prune: one proposed it, another agreed to the very
 * same.
 *
 * @param at where the record of it stands
 * @param person a pseudonym
 * @param result {@code proposed} or {@code agreed}
 * @param about the month, and a digest of what goes
 */
record PruneWord(StoredTree.Place at, String person, String result, String about) {
  private static final Pattern PLACES =
      Pattern.compile("([0-9a-f]{32}) ([0-9]{1,18}) ([0-9a-f]{32}) ([0-9]{1,18})");

  /** The last is what such words were sealed as before approvals had codes of their own. */
  private static final List<byte[]> CODES =
      List.of(utf8("OBO3005H"), utf8("OBO3005A"), utf8("OBO3002A"));

  private static final byte[] PRUNE = utf8("audit.prune");

  /** The two that a prune's record names; none where it does not name two people's. */
  static List<PruneWord> of(Parsed prune) throws Malformed {
    Matcher places = PLACES.matcher(prune.find(Parsed.PROPOSAL).orElse(""));
    List<String> people = prune.texts(Parsed.APPROVERS);
    if (!places.matches() || people.size() != 2 || people.getFirst().equals(people.getLast())) {
      return List.of();
    }
    String about = prune.whole(Parsed.PRUNED_EPOCH) + " plan " + digest(prune);
    return List.of(
        new PruneWord(place(places, 1), people.getFirst(), "proposed", about),
        new PruneWord(place(places, 3), people.getLast(), "agreed", about));
  }

  private static StoredTree.Place place(Matcher places, int group) {
    return new StoredTree.Place(
        ChainId.parse(places.group(group)), Long.parseLong(places.group(group + 1)));
  }

  /** Whether a record may be such a word at all. */
  static boolean may(Parsed record) {
    return CODES.stream().anyMatch(code -> record.holds(Parsed.CODE, code))
        && record.holds(Parsed.ACTION, PRUNE);
  }

  /** Whether the record says it. */
  boolean saidBy(Parsed record) {
    return may(record)
        && record.holds(Parsed.PERSON, utf8(person))
        && record.holds(Parsed.RESULT, utf8(result))
        && record.holds(Parsed.ABOUT, utf8(about));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Of epoch, tenants and chains, as the operators saw it. */
  private static String digest(Parsed prune) throws Malformed {
    String all =
        prune.whole(Parsed.PRUNED_EPOCH)
            + "\n"
            + String.join(" ", prune.texts(Parsed.PRUNED_TENANTS))
            + "\n"
            + String.join("\n", prune.texts(Parsed.PRUNED_CHAINS))
            + "\n";
    return HexFormat.of().formatHex(ChainCheck.sha256().digest(utf8(all)), 0, 16);
  }
}
