// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Verification;
import dev.obolus.audit.fsck.VerifierKey;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three chains, opened days apart: which heads each opening writes down, and that it is enough. */
class WrittenHeadsTest {
  @TempDir Path folder;
  private LogFixture fixture;
  private ChainId first;
  private ChainId second;
  private ChainId third;

  @BeforeEach
  void threeChainsDaysApart() throws Exception {
    fixture = LogFixture.fresh(folder);
    first = chain();
    happened(first, 6);
    second = chain();
    happened(second, 3);
    third = chain();
  }

  @Test
  void anOpeningWritesDownWhatNoEarlierOneHas() {
    assertThat(writtenBy(second)).singleElement().asString().startsWith(first.toString());
    assertThat(writtenBy(third)).singleElement().asString().startsWith(second.toString());
  }

  @Test
  void aChainThatIsDroppedIsMissedAlsoTogetherWithTheOneThatWroteItDown() throws Exception {
    drop(first);
    assertThat(verify().firstBad().orElseThrow().chain()).isEqualTo(first);
    drop(second);
    assertThat(verify().firstBad().orElseThrow().chain()).isEqualTo(second);
  }

  private ChainId chain() {
    try (AuditDatabase log = fixture.openReady()) {
      return append(log, decided("deny")).chain();
    }
  }

  private void happened(ChainId chain, int daysAgo) throws SQLException {
    superuser(
        "UPDATE obolus.audit_head SET opened_at = opened_at - interval '%d days', changed_at ="
                .formatted(daysAgo)
            + " changed_at - interval '%d days' WHERE chain = '\\x%s'".formatted(daysAgo, chain));
  }

  private void drop(ChainId chain) throws SQLException {
    superuser("DELETE FROM obolus.audit_record WHERE chain = '\\x" + chain + "'");
    superuser("DELETE FROM obolus.audit_head WHERE chain = '\\x" + chain + "'");
  }

  private List<String> writtenBy(ChainId chain) {
    try (AuditDatabase log = fixture.openReady()) {
      return get(log.reader().find(Set.of("-"), chain, 1))
                  .orElseThrow()
                  .fields()
                  .get("earlier_heads")
              instanceof Field.Texts(List<String> heads)
          ? heads
          : List.of();
    }
  }

  private Verification verify() throws Exception {
    try (Connection connection = fixture.database().as("obolus_gateway")) {
      return new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())))
          .verify(connection);
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
