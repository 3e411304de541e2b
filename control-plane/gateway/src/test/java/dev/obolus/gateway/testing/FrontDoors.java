// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.testing;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.AuditReader;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.Erasable;
import dev.obolus.audit.PersonalValues;
import dev.obolus.audit.Pseudonyms;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.Revealed;
import dev.obolus.audit.query.Page;
import dev.obolus.audit.query.Query;
import dev.obolus.audit.retention.PrunePlan;
import dev.obolus.connector.AuthorizedRequest;
import dev.obolus.connector.Connector;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.ConnectorResult;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.DelegatedAccess;
import dev.obolus.connector.Operation;
import dev.obolus.connector.Planning;
import dev.obolus.gateway.freeze.Freezes;
import dev.obolus.gateway.identity.Caller;
import dev.obolus.gateway.mediation.Ask;
import dev.obolus.gateway.mediation.Catalogue;
import dev.obolus.gateway.mediation.Outcome;
import dev.obolus.gateway.mediation.RequestMediator;
import dev.obolus.gateway.operator.GatewayStatus;
import dev.obolus.gateway.operator.LogVerification;
import dev.obolus.gateway.operator.Noted;
import dev.obolus.gateway.operator.People;
import dev.obolus.gateway.operator.PrunePlanning;
import dev.obolus.gateway.readiness.Fitness;
import dev.obolus.terms.ActionClass;
import dev.obolus.terms.Lane;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.security.autoconfigure.ReactiveUserDetailsServiceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.FilterType;
import reactor.core.publisher.Mono;

/** The front doors, whole, with stand-ins behind them. */
@EnableAutoConfiguration(exclude = ReactiveUserDetailsServiceAutoConfiguration.class)
@ComponentScan(
    basePackages = "dev.obolus.gateway",
    excludeFilters =
        @ComponentScan.Filter(
            type = FilterType.REGEX,
            pattern = {
              "dev\\.obolus\\.gateway\\.GatewayApplication",
              "dev\\.obolus\\.gateway\\.AuditConfiguration",
              "dev\\.obolus\\.gateway\\.(Policy|Mediation)Configuration",
              "dev\\.obolus\\.gateway\\.readiness\\.SafetyConfiguration",
              "dev\\.obolus\\.gateway\\.(mediation|dispatch)\\..*",
              ".*Test(\\$.*)?"
            }))
public class FrontDoors {

  @Bean
  TestLog auditLog() {
    return new TestLog();
  }

  @Bean
  TestReader auditReader() {
    return new TestReader();
  }

  @Bean
  TestPseudonyms pseudonyms(TestLog log) {
    return new TestPseudonyms(log);
  }

  /** Knows everybody, but for a newcomer until a record is theirs. */
  public static final class TestPseudonyms implements Pseudonyms {
    private final TestLog log;
    public volatile String newcomer = "";

    TestPseudonyms(TestLog log) {
      this.log = log;
    }

    @Override
    public Mono<Optional<String>> of(AuditEvent.Person person) {
      return Mono.fromSupplier(() ->
          Optional.of("p-" + person.objectId())
              .filter(_ -> !person.objectId().equals(newcomer) || hasActed(person)));
    }

    private boolean hasActed(AuditEvent.Person person) {
      return log.events().stream()
          .anyMatch(event ->
              event instanceof AuditEvent.OperatorActed acted && acted.person().equals(person));
    }
  }

  @Bean
  Freezes freezes() {
    return new TestFreezes(Instant.now(), () -> 0, _ -> {}).freezes;
  }

  @Bean
  TestValues personalValues() {
    return new TestValues();
  }

  /** Has what it is told to have. */
  public static final class TestValues implements PersonalValues {
    public volatile Revealed revealed = new Revealed.Nothing();
    public volatile Erasable erasable =
        new Erasable(Optional.empty(), List.of(), Optional.empty(), Set.of());
    public final List<Receipt> destroyed = new CopyOnWriteArrayList<>();

    @Override
    public Mono<Revealed> reveal(Set<String> tenants, ChainId chain, long seq, Field field) {
      return Mono.just(tenants.contains(TestIssuer.TENANT) ? revealed : new Revealed.Nothing());
    }

    @Override
    public Mono<Erasable> find(AuditEvent.Person person, List<String> addresses) {
      return Mono.just(erasable);
    }

    @Override
    public Mono<Boolean> destroy(Receipt erasure) {
      destroyed.add(erasure);
      return Mono.just(true);
    }
  }

  /** Shows everybody everything, but for Bob nothing. */
  @Bean
  Catalogue catalogue(Connector connector) {
    return (caller, _) ->
        Mono.just(
            caller.facts().objectId().equals(TestIssuer.BOB)
                ? List.of()
                : List.of(new Catalogue.Listed(connector.id(), connector.operations())));
  }

  @Bean
  TestMediator requestMediator() {
    return new TestMediator();
  }

  @Bean
  Switch fitness() {
    return new Switch();
  }

  @Bean
  Fitness theSwitch(Switch fitness) {
    return new Fitness("switch", () -> fitness.on);
  }

  @Bean
  GatewayStatus gatewayStatus() {
    return () -> new java.util.LinkedHashMap<>(Map.of("environment", "demo"));
  }

  @Bean
  People people() {
    return () ->
        List.of(
            People.Named.of(TestIssuer.TENANT, TestIssuer.ALICE, "Alice Marlow"),
            People.Named.of(TestIssuer.OTHER_TENANT, TestIssuer.BOB, "Bob of B"));
  }

  @Bean
  TestVerification logVerification() {
    return new TestVerification();
  }

  /** Finds what it is told to find. */
  public static final class TestVerification implements LogVerification {
    public volatile Optional<Bad> firstBad = Optional.empty();

    /** What it lists, of whatever tenant. */
    public volatile Noted noted = Noted.NOTHING;

    /** Whether it is by a key. */
    public volatile boolean keyed = true;

    /** Whether single records verify all the same. */
    public volatile boolean onlyAsAWhole;

    @Override
    public Report verify(Optional<Place> place) {
      Optional<Bad> bad = onlyAsAWhole && place.isPresent() ? Optional.empty() : firstBad;
      boolean byKey = keyed || (onlyAsAWhole && place.isPresent());
      return new Report(bad.isEmpty() ? "verified" : "broken", byKey, false, 7, 1, bad, noted, 3);
    }
  }

  @Bean
  TestPlanning prunePlanning() {
    return new TestPlanning();
  }

  /** Finds these records of every month. */
  public static final class TestPlanning implements PrunePlanning {
    public final Map<String, Long> records = new ConcurrentHashMap<>();
    public volatile List<String> chains = List.of();

    /** What an earlier prune of the month named. */
    public volatile Set<String> before = Set.of();

    @Override
    public Map<String, Long> tenants(int epoch) {
      return records;
    }

    @Override
    public PrunePlan plan(int epoch, Set<String> tenants) {
      return new PrunePlan(
          epoch,
          Stream.concat(tenants.stream(), before.stream()).distinct().sorted().toList(),
          chains,
          "512 " + "ee".repeat(32),
          records.values().stream().mapToLong(count -> count).sum(),
          false);
    }
  }

  /** What the readiness hangs on. */
  public static final class Switch {
    public volatile boolean on = true;
  }

  @Bean
  Connector connector() {
    return new TestConnector();
  }

  /** Remembers who asked what, and answers as told. */
  public static final class TestMediator implements RequestMediator {
    public final List<Caller> callers = new CopyOnWriteArrayList<>();
    public final List<Ask> asks = new CopyOnWriteArrayList<>();
    public volatile BiFunction<Caller, Ask, Mono<Outcome>> behaviour = (_, _) -> answer();

    @Override
    public Mono<Outcome> mediate(Caller caller, Ask ask) {
      callers.add(caller);
      asks.add(ask);
      return behaviour.apply(caller, ask);
    }

    public static Outcome.Decided decided() {
      return new Outcome.Decided(
          "0198f000-0000-7000-8000-000000000001",
          "allow",
          TestLog.receipt(1),
          List.of(),
          List.of("row_filter"));
    }

    public static Mono<Outcome> answer() {
      return Mono.just(
          new Outcome.Answered(
              decided(),
              TestLog.receipt(2),
              new ConnectorResult.Rows(
                  List.of(new ConnectorResult.Column("region", "STRING")),
                  List.of(List.of("EMEA")),
                  false,
                  ConnectorResult.Usage.NONE),
              List.of(new Outcome.Withheld("row_filter", "SALES-003"))));
    }
  }

  /** Records by decision. */
  public static final class TestReader implements AuditReader {
    public final Map<String, List<AuditRecord>> records = new ConcurrentHashMap<>();
    public final Map<Long, AuditRecord> places = new ConcurrentHashMap<>();

    @Override
    public Mono<Optional<AuditRecord>> find(Set<String> tenants, ChainId chain, long seq) {
      return Mono.just(
          Optional.ofNullable(places.get(seq))
              .filter(record -> record.chain().equals(chain))
              .filter(record -> tenants.contains(record.tenant())));
    }

    @Override
    public Mono<List<AuditRecord>> ofDecision(Set<String> tenants, String decisionId) {
      return Mono.just(
          records.getOrDefault(decisionId, List.of()).stream()
              .filter(record -> tenants.contains(record.tenant()))
              .toList());
    }

    @Override
    public Mono<Page> search(Set<String> tenants, Query query, Page.Start start, int limit) {
      return Mono.just(new Page(List.of(), Optional.empty(), Optional.empty(), Optional.empty()));
    }

    @Override
    public Mono<Map<ChainId, Long>> heads() {
      return Mono.just(Map.of());
    }
  }

  private static final class TestConnector implements Connector {
    @Override
    public ConnectorId id() {
      return new ConnectorId("databricks-sales");
    }

    @Override
    public List<Operation> operations() {
      return List.of(
          new Operation(
              "sql",
              "SQL",
              "Runs one statement.",
              ActionClass.READ,
              Lane.OBO,
              List.of(
                  new Operation.Argument(
                      "statement", Operation.Type.TEXT, true, 65536, "The statement.")),
              Set.of()));
    }

    @Override
    public Planning plan(DataRequest request) {
      throw new IllegalStateException("not planned here");
    }

    @Override
    public Mono<ConnectorResult> execute(AuthorizedRequest request, DelegatedAccess access) {
      return Mono.error(() -> new IllegalStateException("not executed here"));
    }
  }

  /** The rejections sealed so far, added up. */
  public static Map<String, Long> rejected(List<AuditEvent> events) {
    Map<String, Long> sum = new java.util.TreeMap<>();
    for (AuditEvent event : events) {
      if (event instanceof AuditEvent.Rejected rejected) {
        rejected.counts().forEach((code, number) -> sum.merge(code, number, Long::sum));
      }
    }
    return sum;
  }
}
