// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.PersonalValues;
import dev.obolus.audit.Revealed;
import dev.obolus.audit.chain.CanonicalReader;
import dev.obolus.connector.ConnectorId;
import dev.obolus.gateway.StoredLogVerification.Word;
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

  private static final Duration REVEALED_WITHIN = Duration.ofSeconds(5);

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
    boolean sealed = word == Word.SEALED;
    Map<String, Field> fields = onConnection(connection -> fields(connection, place));
    // Where nobody can tell, what may be a freeze holds, and nothing is lifted.
    return text(fields, "code").equals("OBO3006A")
        ? begun(place, fields, sealed)
        : sealed ? ended(fields) : new Unsure();
  }

  private Reading begun(Place place, Map<String, Field> fields, boolean certain) {
    Optional<Scope> scope = scope(place, fields);
    Freeze freeze =
        new Freeze(
            place,
            scope.orElseGet(() -> new Scope.Tenant(text(fields, "tenant"))),
            Optional.of(text(fields, "person")).filter(known -> !known.isEmpty()),
            at(fields, "at"),
            fields.containsKey("to") ? Optional.of(at(fields, "to")) : Optional.empty(),
            text(fields, "source"),
            text(fields, "reason"));
    return new Begun(freeze, scope.isPresent(), certain);
  }

  private static Reading ended(Map<String, Field> fields) {
    return new Ended(Place.parse(text(fields, "about")), text(fields, "source"));
  }

  private Optional<Scope> scope(Place place, Map<String, Field> fields) {
    String tenant = text(fields, "tenant");
    return switch (text(fields, "about")) {
      case "person" -> person(place, tenant);
      case "agent" -> Optional.of(new Scope.Agent(text(fields, "client")));
      case "tenant" -> Optional.of(new Scope.Tenant(tenant));
      case "connector" -> Optional.of(new Scope.Source(new ConnectorId(text(fields, "connector"))));
      default -> Optional.of(new Scope.Everything());
    };
  }

  /** Who is frozen lies in the record's row, under keys that may be gone. */
  private Optional<Scope> person(Place place, String tenant) {
    try {
      Revealed revealed =
          values
              .reveal(Set.of(tenant), place.chain(), place.seq(), PersonalValues.Field.PERSON)
              .toFuture()
              .get(REVEALED_WITHIN.toSeconds(), TimeUnit.SECONDS);
      return revealed instanceof Revealed.Value(String person, Bytes _)
              && person.startsWith(tenant + "/")
          ? Optional.of(new Scope.Person(tenant, person.substring(tenant.length() + 1)))
          : Optional.empty();
    } catch (ExecutionException | TimeoutException _) {
      return Optional.empty();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static Map<String, Field> fields(Connection connection, Place place) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT canonical FROM obolus.audit_record WHERE chain = ? AND seq = ?")) {
      query.setBytes(1, place.chain().bytes().toArray());
      query.setLong(2, place.seq());
      try (ResultSet row = query.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("the record is gone");
        }
        return CanonicalReader.read(row.getBytes(1));
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
