// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.audit.AuditEvent;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.Subject;
import dev.obolus.connector.SubjectToken;
import dev.obolus.gateway.dispatch.ConnectorCatalogue;
import dev.obolus.gateway.dispatch.Dispatcher;
import dev.obolus.gateway.identity.Caller;
import dev.obolus.gateway.testing.TestFreezes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** A mediator among fakes. */
final class MediationFixture {
  static final String TENANT = "0b010500-0000-4000-8000-000000000001";
  static final String ALICE = "0b010500-0000-4000-8000-0000000000c1";
  static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  /** What happened, in order: events of the log by their types, and {@code source}. */
  final List<String> trail = new CopyOnWriteArrayList<>();

  final FakeAuditLog log = new FakeAuditLog(trail);
  final FakePolicy policy = new FakePolicy();
  final FakeConnector connector = new FakeConnector(trail);
  final AtomicLong ids = new AtomicLong();
  final AtomicLong nanos = new AtomicLong();
  final AtomicLong freezeNanos = new AtomicLong();
  MediationSettings settings =
      new MediationSettings("test", new DataRequest.Limits(100, 10_000), Duration.ofSeconds(30), 2);
  int concurrency = 10;
  final TestFreezes freezes =
      new TestFreezes(
          NOW, freezeNanos::get, purge -> trail.add("purged " + purge.getClass().getSimpleName()));

  MediationFixture() {
    policy.visible = Set.of(FakeConnector.ORDERS);
  }

  RequestMediator mediator() {
    return mediator(new ConnectorCatalogue(List.of(connector)));
  }

  RequestMediator mediator(ConnectorCatalogue catalogue) {
    return mediator(catalogue, new Memberships(catalogue, connector, nanos::get));
  }

  RequestMediator mediator(ConnectorCatalogue catalogue, Memberships memberships) {
    return new AuditedRequestMediator(
        freezes.freezes,
        catalogue,
        memberships,
        policy,
        log,
        connector,
        new Dispatcher(concurrency),
        settings,
        () -> "id-" + ids.incrementAndGet(),
        InstantSource.fixed(NOW));
  }

  Outcome mediate(Caller caller, Ask ask) {
    return Objects.requireNonNull(mediator().mediate(caller, ask).block(Duration.ofSeconds(10)));
  }

  Outcome.Answered answered(Ask ask) {
    return (Outcome.Answered) mediate(alice(), ask);
  }

  Outcome.Refused refused(Ask ask) {
    return (Outcome.Refused) mediate(alice(), ask);
  }

  AuditEvent.Decided decided() {
    return log.of(AuditEvent.Decided.class).getFirst();
  }

  static Caller alice() {
    var token = new SubjectToken("alice's token", NOW.plusSeconds(600));
    return new Caller.UserCaller(
        new Subject(TENANT, ALICE, "client", Set.of(), token), facts(ALICE));
  }

  static Caller nightlyJob() {
    return new Caller.AppCaller(facts("0b010500-0000-4000-8000-0000000000b2"));
  }

  private static Caller.Facts facts(String objectId) {
    return new Caller.Facts(
        TENANT,
        objectId,
        "client",
        Caller.Strength.CLIENT_APP,
        false,
        Set.of(),
        true,
        Set.of(),
        Set.of("access_as_user"),
        Set.of(),
        Set.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Set.of(),
        Optional.of("uti-1"),
        NOW.plusSeconds(600));
  }

  static Ask orders() {
    return ask(Map.of("table", "main.sales.orders"));
  }

  static Ask ask(Map<String, Object> arguments) {
    return ask("databricks-sales", "query", arguments);
  }

  static Ask ask(String connector, String operation, Map<String, Object> arguments) {
    return new Ask(
        connector,
        operation,
        arguments,
        Optional.of("quarterly-report"),
        Optional.of("conversation-1"),
        List.of("agent-between"),
        "0af7651916cd43dd8448eb211c80319c");
  }
}
