// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.CanonicalReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What two people must have said of a prune before the log signs a note of it: one proposed it,
 * another agreed to the very same, each in a sealed record.
 */
final class PruneApproval {
  private static final Pattern PLACES =
      Pattern.compile("([0-9a-f]{32}) ([0-9]{1,18}) ([0-9a-f]{32}) ([0-9]{1,18})");

  /** What the two people's words were sealed as before approvals had codes of their own. */
  private static final String ACTED = "OBO3002A";

  private static final String PROPOSED = "OBO3005H";
  private static final String AGREED = "OBO3005A";

  private final TreeStore store;
  private final ChainTails tails;

  PruneApproval(TreeStore store, ChainTails tails) {
    this.store = store;
    this.tails = tails;
  }

  /** Whether both records are there, sealed, and say so. */
  boolean stands(byte[] prune) throws SQLException {
    Map<String, Field> fields = CanonicalReader.read(prune);
    Matcher places = PLACES.matcher(text(fields, "proposal"));
    List<String> people = texts(fields, "approvers");
    if (!places.matches() || people.size() != 2 || people.getFirst().equals(people.getLast())) {
      return false;
    }
    String about = about(fields);
    return said(places.group(1), places.group(2), people.getFirst(), PROPOSED, "proposed", about)
        && said(places.group(3), places.group(4), people.getLast(), AGREED, "agreed", about);
  }

  private boolean said(
      String id, String number, String person, String code, String result, String about)
      throws SQLException {
    ChainId chain = ChainId.parse(id);
    long seq = Long.parseLong(number);
    List<TreeStore.Row> found = store.rows(chain, seq - 1, 1);
    if (found.isEmpty()
        || found.getFirst().seq() != seq
        || !tails.sealed(chain, found.getFirst())) {
      return false;
    }
    Map<String, Field> fields = CanonicalReader.read(found.getFirst().canonical());
    return Set.of(code, ACTED).contains(text(fields, "code"))
        && text(fields, "person").equals(person)
        && text(fields, "action").equals("audit.prune")
        && text(fields, "result").equals(result)
        && text(fields, "about").equals(about);
  }

  /** As the operators' records say it: the month, and a digest of what goes. */
  private static String about(Map<String, Field> fields) {
    long epoch = fields.get("pruned_epoch") instanceof Field.Whole(long whole) ? whole : 0;
    String all =
        epoch
            + "\n"
            + String.join(" ", texts(fields, "pruned_tenants"))
            + "\n"
            + String.join("\n", texts(fields, "pruned_chains"))
            + "\n";
    try {
      byte[] sha256 =
          MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8));
      return epoch + " plan " + HexFormat.of().formatHex(sha256, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(Map<String, Field> fields, String name) {
    return fields.get(name) instanceof Field.Text(String text) ? text : "";
  }

  private static List<String> texts(Map<String, Field> fields, String name) {
    return fields.get(name) instanceof Field.Texts(List<String> texts) ? texts : List.of();
  }
}
