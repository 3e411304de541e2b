// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.e2e.RunningDemo.Answer;
import dev.obolus.e2e.RunningDemo.Verified;
import dev.obolus.sandbox.demo.Alarm;
import dev.obolus.sandbox.demo.ConsoleVisit;
import dev.obolus.sandbox.demo.Tampering;
import java.sql.Connection;
import org.junit.jupiter.api.Test;

/** Jobs 6 and 7: the log cannot be written; the log was written by somebody else. */
class LogOutageTest {
  private final RunningDemo demo = RunningDemo.shared();

  @Test
  void withoutTheLogNothingIsServedAndServiceResumesByItself() {
    String before = demo.journal().toString();
    demo.stopDatabase();
    try {
      Answer refused = demo.query("alice", "main.sales.orders", "id");
      assertThat(refused.status()).as(refused.body()).isEqualTo(503);
      assertThat(refused.code()).isEqualTo("audit_unavailable");
      assertThat(demo.ready()).isFalse();
      assertThat(demo.journal().toString()).isEqualTo(before);
    } finally {
      demo.startDatabase();
    }
    RunningDemo.until(demo::ready);
    assertThat(demo.query("alice", "main.sales.orders", "id").status()).isEqualTo(200);
    Verified verified = demo.verify();
    assertThat(verified.exit()).as(verified.said()).isZero();
  }

  @Test
  void aChangedByteIsNamedByTheCommandAndByTheConsole() throws Exception {
    assertThat(demo.query("alice", "main.sales.orders", "id").status()).isEqualTo(200);
    Tampering.Place place;
    try (Connection connection = demo.asSuperuser()) {
      place = Tampering.flipOneByte(connection);
      try {
        Verified verified = demo.verify();
        assertThat(verified.exit()).as(verified.said()).isEqualTo(1);
        assertThat(verified.said())
            .contains("record " + place.seq() + " of chain " + place.chain());
        String page =
            ConsoleVisit.signIn(demo.url("console"), "ada").press("/audit", "/audit/verification");
        assertThat(Alarm.on(page))
            .contains(place.chain().substring(0, 8))
            .contains("" + place.seq());
      } finally {
        Tampering.flipBack(connection, place);
      }
    }
    Verified mended = demo.verify();
    assertThat(mended.exit()).as(mended.said()).isZero();
  }
}
