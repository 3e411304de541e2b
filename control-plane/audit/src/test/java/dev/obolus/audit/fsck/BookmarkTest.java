// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.Verification.State;
import dev.obolus.audit.integrator.Integrator;
import dev.obolus.audit.integrator.IntegratorSettings;
import dev.obolus.audit.integrator.Publishing;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.audit.postgres.LogFixture;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifications that go on where an earlier one came to. */
class BookmarkTest {
  @TempDir Path folder;
  private LogFixture fixture;
  private SigningKey key;
  private ChainId chain;

  @BeforeEach
  void aSignedLog() throws Exception {
    fixture = LogFixture.fresh(folder);
    key = SigningKey.create(folder.resolve("log.key"), "obolus/test", new SecureRandom());
    chain = write(20);
  }

  @Test
  void whatWasCheckedIsNotReadAgain() throws Exception {
    List<String> bookmarks = new ArrayList<>();
    Verification first = verify(Optional.empty(), bookmarks);
    assertThat(first.state()).isEqualTo(State.VERIFIED);
    assertThat(first.before()).isZero();
    assertThat(first.records()).isEqualTo(22);
    ChainId later = write(5);
    Verification second = verify(last(bookmarks), bookmarks);
    assertThat(second.firstBad()).isEmpty();
    assertThat(second.before()).isEqualTo(22);
    assertThat(second.records()).isEqualTo(7);
    assertThat(second.chains()).isEqualTo(2);
    assertThat(second.signed().orElseThrow().size()).isGreaterThan(29);
    assertThat(last(bookmarks).orElseThrow()).contains(later.toString());
  }

  @Test
  void aPermitFromBeforeMeetsItsOutcomeAfterwards() throws Exception {
    List<String> bookmarks = new ArrayList<>();
    try (AuditDatabase log = fixture.openReady()) {
      var permit = decided("allow");
      var receipt = append(log, permit);
      sign();
      Verification half = verify(Optional.empty(), bookmarks);
      assertThat(half.openPermits()).hasSize(1);
      var _ = append(log, LogFixture.served(permit, receipt));
    }
    sign();
    assertThat(verify(last(bookmarks), bookmarks).openPermits()).isEmpty();
  }

  @Test
  void newRecordsAreCheckedAgainstWhatWasThere() throws Exception {
    List<String> bookmarks = new ArrayList<>();
    AuditDatabase log = fixture.openReady();
    ChainId open = append(log, decided("deny")).chain();
    sign();
    assertThat(verify(Optional.empty(), bookmarks).state()).isEqualTo(State.VERIFIED);
    var _ = append(log, decided("deny"));
    log.close();
    superuser(
        "UPDATE obolus.audit_record SET prev_mac = sha256(prev_mac) WHERE chain = '\\x"
            + open
            + "' AND seq = 3");
    Verification found = verify(last(bookmarks), bookmarks);
    assertThat(found.firstBad().orElseThrow().fault()).isEqualTo(Fault.PREVIOUS);
    assertThat(found.firstBad().orElseThrow().seq()).isEqualTo(3);
  }

  @Test
  void aChangeToWhatWasCheckedIsFoundOnlyWithoutTheBookmark() throws Exception {
    List<String> bookmarks = new ArrayList<>();
    assertThat(verify(Optional.empty(), bookmarks).state()).isEqualTo(State.VERIFIED);
    superuser(
        "UPDATE obolus.audit_record SET client = 'somebody-else' WHERE chain = '\\x"
            + chain
            + "' AND seq = 5");
    assertThat(verify(last(bookmarks), bookmarks).state()).isEqualTo(State.VERIFIED);
    assertThat(verify(Optional.empty(), bookmarks).state()).isEqualTo(State.BROKEN);
  }

  @Test
  void nothingIsWrittenDownUnderATreeThatIsNotSound() throws Exception {
    superuser(
        "UPDATE obolus.audit_checkpoint SET note = regexp_replace(note, E'\\n[A-Za-z0-9+/]{43}=',"
            + " E'\\n' || repeat('A', 43) || '=')");
    List<String> bookmarks = new ArrayList<>();
    assertThat(verify(Optional.empty(), bookmarks).state()).isEqualTo(State.BROKEN);
    assertThat(bookmarks).isEmpty();
  }

  @Test
  void theCheckpointOfTheBookmarkMustStillBeThere() throws Exception {
    List<String> bookmarks = new ArrayList<>();
    assertThat(verify(Optional.empty(), bookmarks).state()).isEqualTo(State.VERIFIED);
    superuser("TRUNCATE obolus.audit_checkpoint CASCADE");
    superuser("TRUNCATE obolus.audit_tree_span, obolus.audit_tile");
    superuser("TRUNCATE obolus.audit_record, obolus.audit_head");
    assertThat(verify(last(bookmarks), bookmarks).state()).isEqualTo(State.BROKEN);
    assertThat(verify(Optional.empty(), bookmarks).state()).isEqualTo(State.PENDING);
  }

  @Test
  void aVerificationThatWasBrokenOffGoesOn() throws Exception {
    AuditVerifier verifier = new AuditVerifier(Optional.empty()).with(keys());
    List<String> bookmarks = new ArrayList<>();
    ChainId _ = write(3);
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      assertThatThrownBy(() ->
              verifier
                  .goingOn(
                      Optional.empty(),
                      bookmark -> {
                        bookmarks.add(bookmark);
                        throw new CancellationException();
                      })
                  .verify(connection))
          .isInstanceOf(CancellationException.class);
    }
    Verification found = verify(last(bookmarks), bookmarks);
    assertThat(found.firstBad()).isEmpty();
    assertThat(found.before() + found.records()).isEqualTo(22 + 5);
  }

  @Test
  void somethingElseIsNoBookmark() throws Exception {
    List<String> bookmarks = new ArrayList<>();
    Verification _ = verify(Optional.empty(), bookmarks);
    String good = last(bookmarks).orElseThrow();
    for (String bad : List.of("", "obolus-bookmark/2\n", good.replace(" 22 ", " 21 "))) {
      assertThatThrownBy(() -> verify(Optional.of(bad), bookmarks))
          .isInstanceOf(IllegalArgumentException.class);
    }
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      AuditVerifier keyed =
          new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())))
              .goingOn(Optional.of(good), bookmark -> {});
      assertThatThrownBy(() -> keyed.verify(connection))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the keys -,public");
    }
  }

  private static Optional<String> last(List<String> bookmarks) {
    return Optional.of(bookmarks.getLast());
  }

  private Verification verify(Optional<String> bookmark, List<String> bookmarks) throws Exception {
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      return new AuditVerifier(Optional.empty())
          .with(keys())
          .goingOn(bookmark, bookmarks::add)
          .verify(connection);
    }
  }

  private PublicKeys keys() throws Exception {
    return PublicKeys.of(key.logKeys().stream().map(NoteKey::toString).toList());
  }

  private ChainId write(int records) {
    ChainId written;
    try (AuditDatabase log = fixture.openReady()) {
      written = append(log, decided("deny")).chain();
      for (int i = 1; i < records; i++) {
        assertThat(append(log, decided("deny")).chain()).isEqualTo(written);
      }
    }
    sign();
    return written;
  }

  private void sign() {
    try (Integrator _ =
        Integrator.start(
            () -> fixture.database().as("obolus_gateway"),
            new IntegratorSettings(
                key, List.of(fixture.root()), Duration.ofMillis(20), Duration.ofMinutes(1)),
            Publishing.nowhere(),
            Clock.systemUTC())) {
      until(() -> unsigned() == 0);
    }
  }

  private long unsigned() {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT (SELECT sum(seq) FROM obolus.audit_head) - coalesce((SELECT sum(leaves)"
                    + " FROM obolus.audit_tree_span WHERE chain IS NOT NULL), 0)")) {
      assertThat(row.next()).isTrue();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void superuser(String sql) throws SQLException {
    try (Connection connection = fixture.database().asSuperuser();
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute("SET session_replication_role = replica");
      boolean _ = statement.execute(sql);
    }
  }
}
