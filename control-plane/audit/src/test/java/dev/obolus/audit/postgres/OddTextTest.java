// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.AuditEvent.PolicyChanged;
import dev.obolus.audit.AuditEvent.SignedIn;
import dev.obolus.audit.AuditLog.LogUnavailable;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.fsck.AuditVerifier;
import dev.obolus.audit.fsck.Verification.State;
import dev.obolus.audit.fsck.VerifierKey;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Text at the edges of what text can be is kept as it came, or refused: never changed. */
class OddTextTest {
  private static final String COMPOSED = "Zo\u00eb";
  private static final String DECOMPOSED = "Zoe\u0308";

  @TempDir Path folder;

  @Test
  void textIsKeptAsItCameOrRefused() throws Exception {
    LogFixture fixture = LogFixture.fresh(folder);
    try (AuditDatabase opened = fixture.openReady()) {
      for (String text :
          List.of(
              "",
              COMPOSED,
              DECOMPOSED,
              "x".repeat(60 * 1024),
              "\ud83d\ude00".repeat(15 * 1024),
              "a\u0000b",
              "\ufb33\ud83d\ude00",
              "\"\\\n\u2028")) {
        assertThat(kept(opened, text)).isEqualTo(text);
      }
      assertThat(kept(opened, COMPOSED)).isNotEqualTo(kept(opened, DECOMPOSED));
      for (String broken : List.of("\ud800", "a\udc00b", "\udc00\ud800")) {
        assertThatThrownBy(() -> append(opened, changed(broken))).hasMessageContaining("surrogate");
      }
      assertThatThrownBy(() -> append(opened, changed("x".repeat(64 * 1024))))
          .isInstanceOf(LogUnavailable.class);
      SignedIn empty =
          new SignedIn(
              LogFixture.TENANT,
              new dev.obolus.audit.AuditEvent.Person(LogFixture.TENANT, ""),
              "",
              List.of("", ""));
      assertThat(append(opened, empty).seq()).isEqualTo(12);
      AuditEvent timeless =
          new AuditEvent.Rejected(Instant.EPOCH, Instant.MAX, Map.of("token_expired", 1L));
      assertThatThrownBy(() -> append(opened, timeless)).isInstanceOf(ArithmeticException.class);
      assertThat(opened.log().ready()).isTrue();
      assertThat(append(opened, longStatement()).seq()).isEqualTo(13);
    }
    try (Connection connection = fixture.database().as(TestPostgres.GATEWAY)) {
      assertThat(
              new AuditVerifier(Optional.of(VerifierKey.read(fixture.rootKeyFile())))
                  .verify(connection)
                  .state())
          .isEqualTo(State.VERIFIED);
    }
  }

  /** A value of its own column, which no bundle has to hold. */
  private static Decided longStatement() {
    Decided usual = LogFixture.decided("deny");
    return new Decided(
        usual.decisionId(),
        usual.tenant(),
        usual.person(),
        usual.actor(),
        usual.lane(),
        usual.environment(),
        usual.connector(),
        usual.operation(),
        usual.actionClass(),
        usual.resources(),
        usual.purpose(),
        usual.conversation(),
        usual.trace(),
        usual.tokenId(),
        usual.clientRequestId(),
        usual.effect(),
        usual.reasons(),
        usual.obligationKinds(),
        usual.revision(),
        usual.evaluator(),
        usual.took(),
        Optional.of("x".repeat(64 * 1024)),
        usual.obligations(),
        usual.policyInputs());
  }

  private static String kept(AuditDatabase opened, String text) {
    Receipt receipt = append(opened, changed(text));
    AuditRecord record =
        get(opened.reader().find(Set.of("-"), receipt.chain(), receipt.seq())).orElseThrow();
    return record.fields().get("source") instanceof Field.Text(String kept) ? kept : "no text";
  }

  private static PolicyChanged changed(String source) {
    return new PolicyChanged("-", "r1", source, "activated");
  }
}
