// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.TENANT;
import static dev.obolus.audit.postgres.LogFixture.append;
import static dev.obolus.audit.postgres.LogFixture.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditReader;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.query.Page;
import dev.obolus.audit.query.Query;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is of no tenant and names some is shown to whom may see all of these. */
class RecordsOfNoTenantTest {
  private static final String OTHER = "44444444-4444-4444-8444-444444444444";

  @TempDir Path folder;

  @Test
  void whatNamesTenantsIsShownToWhomMaySeeThemAll() throws Exception {
    LogSettings settings =
        LogSettings.defaults(
            "obolus/test",
            Map.of("tenants", TENANT, "operator_data_tenants", TENANT + "=" + OTHER));
    try (AuditDatabase log = LogFixture.fresh(folder).open(settings)) {
      LogFixture.until(log.log()::ready);
      Receipt prune = append(log, pruned(List.of(TENANT, OTHER)));
      Receipt own = append(log, pruned(List.of(TENANT)));
      Receipt policy = append(log, new AuditEvent.PolicyChanged("r-1", "r-2", "demo", "activated"));
      Receipt strangers = append(log, LogFixture.rejected());
      AuditReader reader = log.reader();

      assertThat(seqs(reader, Set.of(TENANT, OTHER)))
          .containsExactly(strangers.seq(), policy.seq(), own.seq(), prune.seq(), prune.seq() - 1);
      assertThat(seqs(reader, Set.of(TENANT)))
          .containsExactly(strangers.seq(), policy.seq(), own.seq());
      assertThat(seqs(reader, Set.of(OTHER))).containsExactly(strangers.seq(), policy.seq());

      assertThat(find(reader, Set.of(TENANT), prune)).isEmpty();
      assertThat(find(reader, Set.of(OTHER), own)).isEmpty();
      assertThat(find(reader, Set.of(TENANT, OTHER), prune)).isPresent();
      assertThat(find(reader, Set.of(OTHER), policy)).isPresent();
    }
  }

  @Test
  void aPageThatHidesSomeGoesOnBehindThem() throws Exception {
    LogSettings settings = LogSettings.defaults("obolus/test", Map.of("tenants", TENANT));
    try (AuditDatabase log = LogFixture.fresh(folder).open(settings)) {
      LogFixture.until(log.log()::ready);
      Receipt first = append(log, LogFixture.rejected());
      for (int i = 0; i < 3; i++) {
        assertThat(append(log, pruned(List.of(OTHER))).seq()).isPositive();
      }
      List<Long> seen = new ArrayList<>();
      Page.Start start = new Page.Start.Newest();
      for (int pages = 0; pages < 9; pages++) {
        Page page = get(log.reader().search(Set.of(TENANT), Query.ALL, start, 1));
        page.records().forEach(record -> seen.add(record.seq()));
        if (page.older().isEmpty()) {
          break;
        }
        start = new Page.Start.OlderThan(page.older().get());
      }
      assertThat(seen).containsExactly(first.seq(), 1L);
    }
  }

  private static Optional<AuditRecord> find(
      AuditReader reader, Set<String> tenants, Receipt record) {
    return get(reader.find(tenants, record.chain(), record.seq()));
  }

  private static List<Long> seqs(AuditReader reader, Set<String> tenants) {
    return get(reader.search(tenants, Query.ALL, new Page.Start.Newest(), 50)).records().stream()
        .map(AuditRecord::seq)
        .toList();
  }

  private static AuditEvent pruned(List<String> tenants) {
    return new AuditEvent.Pruned(
        202601,
        tenants,
        List.of("ab".repeat(16) + " 9 " + "cd".repeat(32) + " 1 8 8 " + "ef".repeat(32)),
        "512 " + "ee".repeat(32),
        "13 months",
        List.of("p-1", "p-2"),
        "kept long enough",
        "-",
        Optional.empty());
  }
}
