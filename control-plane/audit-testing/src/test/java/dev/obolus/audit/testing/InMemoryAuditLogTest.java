// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditLog;
import dev.obolus.audit.AuditLog.LogUnavailable;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class InMemoryAuditLogTest extends AuditLogContract {
  private final InMemoryAuditLog log = new InMemoryAuditLog();

  @Override
  protected AuditLog log() {
    return log;
  }

  @Override
  protected List<String> written() {
    return log.events().stream()
        .map(event -> event.getClass().getSimpleName().toLowerCase(Locale.ROOT))
        .toList();
  }

  @Test
  void refusesWhatItIsToldToRefuse() {
    log.refuse(AuditEvent.Decided.class::isInstance, LogUnavailable.Cause.DATABASE);
    assertThatThrownBy(() -> log.append(TestEvents.decided("allow")).block())
        .isInstanceOf(LogUnavailable.class);
    assertThat(log.events()).isEmpty();
  }
}
