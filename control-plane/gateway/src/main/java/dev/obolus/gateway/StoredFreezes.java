// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.PersonalValues;
import dev.obolus.audit.Revealed;
import dev.obolus.audit.chain.CanonicalReader;
import dev.obolus.audit.fsck.AuditVerifier.Word;
import dev.obolus.connector.ConnectorId;
import dev.obolus.gateway.freeze.Freeze;
import dev.obolus.gateway.freeze.Freeze.Place;
import dev.obolus.gateway.freeze.FreezeRecords;
import dev.obolus.gateway.freeze.Scope;
import dev.obolus.gateway.operator.LogVerification;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Reads freezes from the log's table, on a connection of its own that is kept. Blocks.
 *
 * <p>Guarantees: what is told as begun or ended was verified by a key, or sealed by this process.
 */
final class StoredFreezes implements FreezeRecords, AutoCloseable {
  /** Shorter than a reading of the list is good. */
  private static final int READ_SECONDS = 1;

  private static final Duration REVEALED_WITHIN = Duration.ofMillis(800);

  private static final String BEGUN = "OBO3006A";

  private final LogConnection database;
  private final StoredLogVerification verification;
  private final PersonalValues values;
  private @Nullable Connection kept;

  StoredFreezes(LogConnection database, StoredLogVerification verification, PersonalValues values) {
    this.database = database;
    this.verification = verification;
    this.values = values;
  }

  @Override
  public synchronized List<Place> places() throws SQLException, IOException {
    return onConnection(connection -> {
      List<Place> places = new ArrayList<>();
      try (PreparedStatement query =
              connection.prepareStatement(
                  "SELECT chain, seq FROM obolus.audit_record"
                      + " WHERE event IN ('frozen', 'unfrozen') ORDER BY at_us, chain, seq");
          ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          places.add(new Place(new ChainId(Bytes.of(rows.getBytes(1))), rows.getLong(2)));
        }
      }
      return places;
    });
  }

  @Override
  public synchronized Reading read(Place place, boolean ours) throws Exception {
    LogVerification.Place at = new LogVerification.Place(place.chain(), place.seq());
    Word word = ours ? Word.SEALED : onConnection(connection -> verification.vouch(connection, at));
    if (word == Word.FORGED) {
      return new Forged();
    }
    Row row = onConnection(connection -> row(connection, place));
    return word == Word.SEALED ? sealed(place, row) : unsure(place, row);
  }

  Reading sealed(Place place, Row row) throws Exception {
    Begun begun;
    try {
      Map<String, Field> fields = CanonicalReader.read(row.canonical().toArray());
      if (!text(fields, "code").equals(BEGUN)) {
        return ended(fields);
      }
      begun = begun(place, fields, true);
    } catch (IllegalArgumentException _) {
      // sealed by a gateway that knows more than this one: what it ends goes on, what it freezes is
      // everything
      return row.event().equals("frozen") ? unknown(place) : new Unsure();
    }
    return named(begun);
  }

  /** Where nobody can tell, what may be a freeze holds if it can be read; nothing is lifted. */
  Reading unsure(Place place, Row row) throws InterruptedException {
    try {
      Map<String, Field> fields = CanonicalReader.read(row.canonical().toArray());
      return text(fields, "code").equals(BEGUN) ? named(begun(place, fields, false)) : new Unsure();
    } catch (IllegalArgumentException | ExecutionException | TimeoutException _) {
      return new Unsure();
    }
  }

  private static Begun unknown(Place place) {
    Freeze freeze =
        new Freeze(
            place,
            new Scope.Everything(),
            Optional.empty(),
            Instant.EPOCH,
            Optional.empty(),
            "",
            "");
    return new Begun(freeze, false, true);
  }

  /** Without the name of the person, if it is one who is frozen: that stands for the tenant. */
  private static Begun begun(Place place, Map<String, Field> fields, boolean certain) {
    Freeze freeze =
        new Freeze(
            place,
            scope(fields),
            Optional.of(text(fields, "person")).filter(known -> !known.isEmpty()),
            at(fields, "at"),
            fields.containsKey("to") ? Optional.of(at(fields, "to")) : Optional.empty(),
            text(fields, "source"),
            text(fields, "reason"));
    return new Begun(freeze, !text(fields, "about").equals("person"), certain);
  }

  private static Reading ended(Map<String, Field> fields) {
    return new Ended(Place.parse(text(fields, "about")), text(fields, "source"));
  }

  private static Scope scope(Map<String, Field> fields) {
    return switch (text(fields, "about")) {
      case "person", "tenant" -> new Scope.Tenant(text(fields, "tenant"));
      case "agent" -> new Scope.Agent(text(fields, "client"));
      case "connector" -> new Scope.Source(new ConnectorId(text(fields, "connector")));
      default -> new Scope.Everything();
    };
  }

  /** Who is frozen lies in the record's row, under keys that may be gone. */
  private Begun named(Begun begun)
      throws ExecutionException, TimeoutException, InterruptedException {
    if (begun.readable() || !(begun.freeze().scope() instanceof Scope.Tenant(String tenant))) {
      return begun;
    }
    Freeze freeze = begun.freeze();
    Revealed revealed =
        values
            .reveal(
                Set.of(tenant),
                freeze.record().chain(),
                freeze.record().seq(),
                PersonalValues.Field.PERSON)
            .toFuture()
            .get(REVEALED_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    return switch (revealed) {
      case Revealed.Value(String person, Bytes _) when person.startsWith(tenant + "/") ->
          new Begun(
              new Freeze(
                  freeze.record(),
                  new Scope.Person(tenant, person.substring(tenant.length() + 1)),
                  freeze.person(),
                  freeze.since(),
                  freeze.until(),
                  freeze.operator(),
                  freeze.reason()),
              true,
              begun.certain());
      case Revealed.Value _, Revealed.Erased _, Revealed.Altered _, Revealed.Nothing _ -> begun;
    };
  }

  /** What stands there, of whoever wrote it. */
  record Row(String event, Bytes canonical) {}

  private static Row row(Connection connection, Place place) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT event, canonical FROM obolus.audit_record WHERE chain = ? AND seq = ?")) {
      query.setBytes(1, place.chain().bytes().toArray());
      query.setLong(2, place.seq());
      try (ResultSet row = query.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("the record is gone");
        }
        return new Row(row.getString(1), Bytes.of(row.getBytes(2)));
      }
    }
  }

  private static String text(Map<String, Field> fields, String name) {
    return fields.get(name) instanceof Field.Text(String text) ? text : "";
  }

  private static Instant at(Map<String, Field> fields, String name) {
    long micros = fields.get(name) instanceof Field.Whole(long whole) ? whole : 0;
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  /** Something that is read from the database. */
  private interface Reader<T> {
    T read(Connection connection) throws SQLException, IOException;
  }

  private <T> T onConnection(Reader<T> reader) throws SQLException, IOException {
    Connection connection = kept;
    if (connection == null) {
      connection = database.open("obolus-freezes", READ_SECONDS);
      kept = connection;
    }
    try {
      T found = reader.read(connection);
      if (!connection.getAutoCommit()) {
        connection.rollback();
        connection.setAutoCommit(true);
      }
      return found;
    } catch (SQLException | IOException | RuntimeException fault) {
      close();
      throw fault;
    }
  }

  @Override
  public synchronized void close() {
    Connection connection = kept;
    kept = null;
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException _) {
        // it is gone in any case
      }
    }
  }
}
