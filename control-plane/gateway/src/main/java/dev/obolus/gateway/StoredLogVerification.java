// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Fault;
import dev.obolus.audit.fsck.ProofFile;
import dev.obolus.audit.fsck.PublicKeys;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.integrator.TileExport;
import dev.obolus.audit.integrator.TreeStore;
import dev.obolus.audit.tree.TlogProof;
import dev.obolus.gateway.operator.LogVerification;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;

/**
 * Runs the log's one verifier over the database, on a connection of its own. Blocks.
 *
 * <p>Guarantees: of a single record, where no root key is held, "verified" means that it is proven
 * to be in a tree with the log's signature. That a row of the tree's tables names it proves
 * nothing: the gateway's role can write such rows.
 */
final class StoredLogVerification implements LogVerification {
  private static final int READ_SECONDS = 300;

  private final AuditVerifier everything;
  private final AuditVerifier records;
  private final Optional<PublicKeys> signers;
  private final boolean byProof;
  private final LogConnection database;

  /**
   * @param log with the root keys, if they are held
   * @param keyed whether they are: then a record need not wait for a checkpoint
   * @param signers whose signatures count
   */
  StoredLogVerification(
      AuditVerifier log, boolean keyed, Optional<PublicKeys> signers, LogConnection database) {
    this.everything = signers.map(log::with).orElse(log);
    this.records = keyed ? log : everything;
    this.signers = signers;
    this.byProof = !keyed && signers.isPresent();
    this.database = database;
  }

  @Override
  public Report verify(Optional<Place> place) throws SQLException, IOException {
    try (Connection connection = database.open("obolus-audit-verification", READ_SECONDS)) {
      if (place.isEmpty()) {
        Report found = report(everything.verify(connection));
        return signers.isPresent() && isSound(found) ? signed(found) : found;
      }
      Report found = report(records.verify(connection, place.get().chain(), place.get().seq()));
      return byProof && isSound(found)
          ? proven(connection, place.get(), found, signers.orElseThrow())
          : found;
    }
  }

  private static Report proven(Connection connection, Place place, Report found, PublicKeys trusted)
      throws SQLException, IOException {
    Optional<TileExport> tree = TileExport.newest(new TreeStore(connection));
    Optional<TlogProof> proof =
        tree.isPresent() ? tree.get().proof(place.chain(), place.seq()) : Optional.empty();
    if (proof.isEmpty()) {
      return with(found, Verification.State.PENDING, false, Optional.empty());
    }
    try {
      ProofFile.Proven proven = ProofFile.verify(proof.get().toString(), trusted);
      return proven.chain().equals(place.chain()) && proven.seq() == place.seq()
          ? signed(found)
          : unproven(place, found, "the tree has another record in its place");
    } catch (ProofFile.NotProven e) {
      return unproven(place, found, String.valueOf(e.getMessage()));
    }
  }

  private static Report unproven(Place place, Report found, String why) {
    String sentence = "Record " + place.seq() + " is not in the log that was signed: " + why + ".";
    return with(
        found,
        Verification.State.BROKEN,
        false,
        Optional.of(new Bad(place, word(Fault.SIGNATURE), sentence)));
  }

  private static boolean isSound(Report found) {
    return found.state().equals(word(Verification.State.VERIFIED));
  }

  private static Report signed(Report found) {
    return with(found, Verification.State.VERIFIED, true, Optional.empty());
  }

  private static Report with(
      Report found, Verification.State state, boolean signed, Optional<Bad> bad) {
    return new Report(
        word(state), found.keyed(), signed, found.records(), found.chains(), bad, found.tookMs());
  }

  private static Report report(Verification found) {
    return new Report(
        word(found.state()),
        found.keyed(),
        false,
        found.records(),
        found.chains(),
        found.firstBad().map(StoredLogVerification::bad),
        found.took().toMillis());
  }

  private static Bad bad(Verification.Bad bad) {
    return new Bad(new Place(bad.chain(), bad.seq()), word(bad.fault()), bad.sentence());
  }

  private static String word(Enum<?> one) {
    return one.name().toLowerCase(Locale.ROOT);
  }
}
