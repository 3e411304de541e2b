// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Parsed.Malformed;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks up what two people said of a prune: one proposed it, another agreed to the very same. */
final class Approvals {
  private static final Pattern PLACES =
      Pattern.compile("([0-9a-f]{32}) ([0-9]{1,18}) ([0-9a-f]{32}) ([0-9]{1,18})");
  private static final byte[] ACTED = "OBO3002A".getBytes(StandardCharsets.US_ASCII);

  private final Connection connection;
  private final List<VerifierKey> keys;
  private final ValueKeys values;
  private final Optional<PublicKeys> publicKeys;
  private final StoredTree tree;

  Approvals(
      Connection connection,
      List<VerifierKey> keys,
      ValueKeys values,
      Optional<PublicKeys> publicKeys,
      StoredTree tree) {
    this.connection = connection;
    this.keys = keys;
    this.values = values;
    this.publicKeys = publicKeys;
    this.tree = tree;
  }

  /**
   * Whether both are on record.
   *
   * @param sooner prunes that count: what they removed is on record too
   */
  boolean stand(Parsed prune, Prunes sooner) throws SQLException, Malformed {
    Matcher places = PLACES.matcher(prune.find(Parsed.PROPOSAL).orElse(""));
    List<String> people = prune.texts(Parsed.APPROVERS);
    if (!places.matches() || people.size() != 2 || people.getFirst().equals(people.getLast())) {
      return false;
    }
    String about = prune.whole(Parsed.PRUNED_EPOCH) + " plan " + digest(prune);
    return said(places, 1, people.getFirst(), "proposed", about, sooner)
        && said(places, 3, people.getLast(), "agreed", about, sooner);
  }

  private boolean said(
      Matcher places, int group, String person, String result, String about, Prunes sooner)
      throws SQLException, Malformed {
    ChainId chain = ChainId.parse(places.group(group));
    long seq = Long.parseLong(places.group(group + 1));
    RawRow row = new RawRow();
    try (RowStream rows =
        RowStream.of(
            connection,
            "SELECT "
                + RawRow.COLUMNS
                + " FROM obolus.audit_record WHERE chain = '\\x"
                + chain
                + "' AND seq = "
                + seq)) {
      if (!rows.next(row)) {
        return sooner.concern(chain, seq);
      }
      Parsed record =
          ChainCheck.from(chain.bytes().toArray(), keys, values, seq - 1, row.copy(RawRow.PREV_MAC))
              .next(row, false);
      return record.holds(Parsed.CODE, ACTED)
          && record.text(Parsed.PERSON).equals(person)
          && record.text(Parsed.ACTION).equals("audit.prune")
          && record.text(Parsed.RESULT).equals(result)
          && record.text(Parsed.ABOUT).equals(about)
          && (publicKeys.isEmpty() || tree.holds(chain, seq, row.copy(RawRow.LEAF)));
    } catch (Faulty e) {
      return false; // the chain's own check names it
    }
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
    byte[] sha256 = ChainCheck.sha256().digest(all.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(sha256, 0, 16);
  }
}
