// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.TENANT;
import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.get;
import static dev.obolus.audit.postgres.LogFixture.served;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.AuditReader;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.Receipt;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresAuditLogTest {
  @TempDir Path folder;

  @Test
  void receiptNamesARecordThatIsThere() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    try (AuditDatabase opened = fixture.openReady()) {
      Decided decided = decided("allow");
      Receipt permit = append(opened, decided);
      Receipt outcome = append(opened, served(decided, permit));
      assertThat(permit.seq()).isEqualTo(2);
      assertThat(outcome.seq()).isEqualTo(3);

      AuditReader reader = opened.reader();
      AuditRecord record = get(reader.find(Set.of(TENANT), permit.chain(), 2)).orElseThrow();
      assertThat(record.leaf().hex()).isEqualTo(permit.leaf());
      assertThat(LogFixture.get(opened.pseudonyms().of(decided.person().orElseThrow())))
          .contains(record.person());
      assertThat(get(reader.find(Set.of("another"), permit.chain(), 2))).isEmpty();
      List<AuditRecord> both = get(reader.ofDecision(Set.of(TENANT), decided.decisionId()));
      assertThat(both).extracting(AuditRecord::event).containsExactly("decided", "served");
    }
  }
}
