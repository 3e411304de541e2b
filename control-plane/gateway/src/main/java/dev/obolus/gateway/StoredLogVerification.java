// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.AuditVerifier.Word;
import dev.obolus.audit.fsck.PublicKeys;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.gateway.operator.LogVerification;
import dev.obolus.gateway.operator.Noted;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Runs the log's one verifier over the database, on a connection of its own. Blocks.
 *
 * <p>Guarantees: with public keys "verified" of a single record means that it is proven to be in a
 * tree with the log's signature. That a row of the tree's tables names it proves nothing: the
 * gateway's role can write such rows.
 */
final class StoredLogVerification implements LogVerification {
  private static final int READ_SECONDS = 300;

  private final AuditVerifier verifier;
  private final boolean bySignature;
  private final LogConnection database;

  /**
   * @param log with the root keys, if they are held
   * @param signers whose signatures count
   */
  StoredLogVerification(AuditVerifier log, Optional<PublicKeys> signers, LogConnection database) {
    this.verifier = signers.map(log::with).orElse(log);
    this.bySignature = signers.isPresent();
    this.database = database;
  }

  @Override
  public Report verify(Optional<Place> place) throws SQLException, IOException {
    try (Connection connection = database.open("obolus-audit-verification", READ_SECONDS)) {
      return report(
          place.isPresent()
              ? verifier.verify(connection, place.get().chain(), place.get().seq())
              : verifier.verify(connection));
    }
  }

  /** What a key says of one record. Leaves the connection in another mode. */
  Word vouch(Connection connection, Place place) throws SQLException {
    return verifier.vouch(connection, place.chain(), place.seq());
  }

  private Report report(Verification found) {
    return new Report(
        word(found.state()),
        found.keyed(),
        bySignature && found.state() == Verification.State.VERIFIED,
        found.records(),
        found.chains(),
        found.firstBad().map(StoredLogVerification::bad),
        noted(found),
        found.took().toMillis());
  }

  private static Noted noted(Verification found) {
    return new Noted(
        found.pruned().stream()
            .map(one ->
                new Noted.Prune(
                    one.chain(),
                    one.epoch(),
                    one.tenants(),
                    one.records(),
                    new Place(one.by(), one.bySeq()),
                    one.removed()))
            .toList(),
        found.undestroyed().stream()
            .map(one ->
                new Noted.Undestroyed(
                    one.tenant(), one.key().hex(), new Place(one.by(), one.bySeq())))
            .toList(),
        found.openPermits().stream()
            .map(one ->
                new Noted.OpenPermit(
                    one.tenant(), new Place(one.chain(), one.seq()), one.decisionId()))
            .toList(),
        found.awaited().stream()
            .map(one ->
                new Noted.Awaited(
                    one.tenant(),
                    new Place(one.chain(), one.seq()),
                    new Place(one.by(), one.bySeq())))
            .toList(),
        List.of());
  }

  private static Bad bad(Verification.Bad bad) {
    return new Bad(new Place(bad.chain(), bad.seq()), word(bad.fault()), bad.sentence());
  }

  private static String word(Enum<?> one) {
    return one.name().toLowerCase(Locale.ROOT);
  }
}
