// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.e2e;

import static dev.obolus.e2e.AuditDesk.TENANT;
import static dev.obolus.e2e.AuditDesk.epoch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.postgres.AuditDatabase;
import dev.obolus.e2e.AuditDesk.Said;
import java.nio.file.Path;
import java.time.Clock;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/**
 * Records of an old month leave the log of a running gateway: two operators agree, the log signs,
 * the database's owner removes; then every way of verifying it says the same.
 */
class KeptLongEnoughTest {
  private static final String OTHER = "44444444-4444-4444-8444-444444444444";
  private final YearMonth month = YearMonth.now(ZoneOffset.UTC).minusMonths(14);
  private static final int FILL = 300;

  private final RunningDemo demo = RunningDemo.shared();
  private AuditDesk desk = new AuditDesk(demo, Path.of(""));
  @TempDir Path folder;

  @BeforeEach
  void sitDown() {
    desk = new AuditDesk(demo, folder);
  }

  @Test
  void recordsKeptLongEnoughLeaveTheLogAndEveryVerifierSaysSo() throws Exception {
    ChainId old = writeOldMonth();
    desk.untilSigned();
    String proof = folder.resolve("old.tlog-proof").toString();
    assertThat(
            desk.onDatabase(
                    "obolus_gateway", "audit", "proof", old.toString(), "2", "--output", proof)
                .exit())
        .isZero();

    String record = agreed();
    desk.untilSigned();
    assertThat(desk.number("SELECT count(*) FROM obolus.audit_prune_note")).isEqualTo(1);
    assertThat(carryOut(record, "obolus_gateway", "--remove").exit()).isNotZero();
    Said shown = carryOut(record, "obolus_owner");
    assertThat(shown.exit()).as(shown.text()).isZero();
    assertThat(left(TENANT)).as("nothing goes unless it is said so").isEqualTo(12);
    Said removed = carryOut(record, "obolus_owner", "--remove");
    assertThat(removed.exit()).as(removed.text()).isZero();
    assertThat(left(TENANT)).isZero();
    assertThat(left(OTHER)).isEqualTo(6);

    desk.untilSigned();
    String place = record.substring(33) + " of chain " + record.substring(0, 32);
    assertThat(desk.everyVerifier())
        .allSatisfy(said -> assertThat(said.text()).contains("were pruned", "record " + place));
    Said proven =
        desk.run("audit", "verify", "--proof", proof, "--public-keys", desk.key("checkpoint.pub"));
    assertThat(proven.exit()).as(proven.text()).isZero();
    Said again = prune(desk.token("ada"));
    assertThat(again.word("code")).as(again.text()).isEqualTo("not_found");
    assertThat(demo.query("alice", "main.sales.orders", "id").status()).isEqualTo(200);
  }

  /** Two operators say the same, one after the other; the record of it. */
  private String agreed() throws Exception {
    Path ada = desk.token("ada");
    Said planned = prune(ada);
    assertThat(planned.word("state")).as(planned.text()).isEqualTo("planned");
    assertThat(planned.json().path("records").asLong()).isEqualTo(12);
    Said proposed = prune(ada, "--propose", "--reason", "kept long enough");
    assertThat(proposed.word("state")).as(proposed.text()).isEqualTo("proposed");
    String[] agree = {"--proposal", proposed.place(), "--reason", "kept long enough"};
    Said alone = prune(ada, agree);
    assertThat(alone.exit()).isEqualTo(1);
    assertThat(alone.word("code")).as(alone.text()).isEqualTo("second_person_required");
    Said sealed = prune(desk.token("root-admin"), agree);
    assertThat(sealed.word("state")).as(sealed.text()).isEqualTo("sealed");
    return sealed.place();
  }

  /**
   * As a gateway wrote it then; beside it records of today, so that the old ones lie in full tiles.
   */
  private ChainId writeOldMonth() throws Exception {
    ChainId old;
    try (AuditDatabase late = desk.writerIn(month)) {
      old = AuditDesk.append(late, AuditDesk.signedIn(TENANT, "someone")).chain();
      for (int i = 1; i < 18; i++) {
        String tenant = i % 3 == 2 ? OTHER : TENANT;
        assertThat(AuditDesk.append(late, AuditDesk.signedIn(tenant, "someone")).chain())
            .isEqualTo(old);
      }
    }
    try (AuditDatabase today = desk.writer(desk.database(), Clock.systemUTC())) {
      assertThat(
              Flux.range(0, FILL)
                  .flatMap(i -> today.log().append(AuditDesk.signedIn(OTHER, "someone")), 64)
                  .count()
                  .block())
          .isEqualTo(FILL);
    }
    return old;
  }

  private long left(String tenant) {
    return desk.number(
        "SELECT count(*) FROM obolus.audit_record WHERE tenant = '"
            + tenant
            + "' AND epoch = "
            + epoch(month));
  }

  private Said prune(Path token, String... more) {
    Stream<String> command = Stream.of("audit", "prune", "--epoch", Integer.toString(epoch(month)));
    return desk.ask(token, Stream.concat(command, Stream.of(more)).toArray(String[]::new));
  }

  private Said carryOut(String record, String role, String... more) {
    Stream<String> command =
        Stream.of(
            "audit", "prune", "--record", record, "--public-keys", desk.key("checkpoint.pub"));
    return desk.onDatabase(role, Stream.concat(command, Stream.of(more)).toArray(String[]::new));
  }
}
