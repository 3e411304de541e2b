// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.policy.Decision;
import dev.obolus.policy.EngineFault;
import dev.obolus.policy.PolicyInput;
import dev.obolus.policy.Reason;
import dev.obolus.policy.Revision;
import dev.obolus.policy.Verdict;
import dev.obolus.policy.Visibility.Untold;
import dev.obolus.policy.document.Catalogue;
import dev.obolus.policy.document.Facts;
import dev.obolus.policy.document.InputDocument;
import dev.obolus.policy.document.Judgement;
import dev.obolus.policy.document.UnfitDocument;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every row of the failure table, each by a module that the real compiler made. */
class EngineFaultsTest {
  private static final PolicyInput ORDERS =
      Vectors.input(Vectors.named("alice_reads_orders").input());

  /** A walk over sets takes no memory, so that nothing but the budget ends it. */
  private static final String ENDLESS =
      "{\"v\": count([1 | never := -1; xs := {n | some n in numbers.range(1, 3000)}; some _ in xs; some _ in xs; some _ in xs; some x in xs; x == never])}";

  @TempDir Path folder;
  private Optional<WasmPolicyEvaluator> open = Optional.empty();

  @AfterEach
  void close() {
    open.ifPresent(WasmPolicyEvaluator::close);
  }

  @Test
  void anUndefinedDecisionDenies() throws Exception {
    evaluator(Modules.deciding(folder, "{\"v\": 1} if input.nothing"));
    assertThat(code(decide(ORDERS))).isEqualTo("ENG-001");
  }

  @Test
  void aConflictAbortsAndDenies() throws Exception {
    evaluator(
        Modules.deciding(
            folder, "{\"v\": 1}", "decision := {\"v\": 2} if input.v == 1", Vectors.facts()));
    assertThat(code(decide(ORDERS))).isEqualTo("ENG-002");
  }

  @Test
  void anAbortedInstanceIsReplaced() throws Exception {
    evaluator(
        Modules.deciding(
            folder,
            Decisions.ALLOW,
            "decision := {\"v\": 2} if input.claimed.purpose == \"conflict\"",
            Vectors.facts()));
    PolicyInput conflict = withPurpose("conflict");
    for (int i = 0; i < 8; i++) {
      assertThat(code(decideSoon(conflict))).isEqualTo("ENG-002");
    }
    assertThat(decideSoon(ORDERS).decision()).isInstanceOf(Decision.Permit.class);
  }

  @Test
  void anEvaluationOverItsBudgetIsStoppedAndDenied() throws Exception {
    evaluator(Modules.deciding(folder, ENDLESS), settings(1).withBudget(Duration.ofMillis(30)));
    assertThat(code(decide(ORDERS))).isEqualTo("ENG-003");
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void afterAnInterruptTheNextEvaluationIsSound() throws Exception {
    evaluator(
        Modules.deciding(
            folder,
            Decisions.ALLOW,
            "decision := %s if input.claimed.purpose == \"endless\"".formatted(ENDLESS),
            Vectors.facts()),
        settings(1).withBudget(Duration.ofSeconds(1)));
    assertThat(code(decideSoon(withPurpose("endless")))).isEqualTo("ENG-003");
    assertThat(decideSoon(ORDERS).decision()).isInstanceOf(Decision.Permit.class);
  }

  @Test
  void anInterruptOfSomebodyElseIsKeptAndDoesNotDecide() throws Exception {
    evaluator(Modules.deciding(folder, Decisions.ALLOW));
    Thread.currentThread().interrupt();
    Verdict verdict = decide(ORDERS);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(verdict.decision()).isInstanceOf(Decision.Permit.class);
  }

  @Test
  void anEvaluationThatNeedsTooMuchMemoryIsDenied() throws Exception {
    evaluator(
        Modules.deciding(folder, "{\"v\": count([x | x := numbers.range(1, 900000)[_]])}"),
        new WasmPolicyEvaluator.Settings(1, Duration.ofSeconds(60), 0, 40));
    assertThat(code(decide(ORDERS))).isEqualTo("ENG-004");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"allow\"",
        "true",
        "[]",
        "{\"v\": 1, \"effect\": \"allow\"}",
        "{\"v\": 2, \"effect\": \"allow\", \"reasons\": [], \"obligations\": [], \"acrs\": [], \"grants\": [\"sales\"], \"labels\": {\"resource\": [], \"columns\": {}}}",
        "{\"v\": 1, \"effect\": \"allow\", \"reasons\": [], \"obligations\": [], \"acrs\": [], \"grants\": [\"sales\"], \"labels\": {\"resource\": [], \"columns\": {}}, \"extra\": 1}",
      })
  void aResultOfAnotherShapeIsDenied(String decision) throws Exception {
    evaluator(Modules.deciding(folder, decision));
    assertThat(code(decide(ORDERS))).isEqualTo("ENG-005");
  }

  @Test
  void aResultThatIsTooLargeIsDenied() throws Exception {
    evaluator(Modules.deciding(folder, "{\"v\": numbers.range(1, 20000)}"));
    assertThat(code(decide(ORDERS))).isEqualTo("ENG-005");
  }

  @Test
  void anUnknownObligationDenies() throws Exception {
    evaluator(
        Modules.deciding(
            folder, Decisions.obliging("{\"rule\": \"SALES-010\", \"type\": \"watermark\"}")));
    assertThat(code(decide(ORDERS))).isEqualTo("ENG-006");
  }

  @Test
  void anInputThatBreaksItsSchemaIsDenied() throws Exception {
    evaluator(Modules.deciding(folder, Decisions.ALLOW));
    assertThat(code(decide(withPurpose("\uD800")))).isEqualTo("ENG-007");
    assertThat(code(decide(withPurpose("")))).isEqualTo("ENG-007");
    assertThat(code(decide(withPurpose("x".repeat(5000))))).isEqualTo("ENG-007");
    assertThat(code(decide())).isEqualTo("ENG-007");
    assertThat(code(decide(ORDERS, withPurpose("another")))).isEqualTo("ENG-007");
  }

  @Test
  void withoutARevisionEverythingIsDenied() {
    open = Optional.of(new WasmPolicyEvaluator(settings(1)));
    assertThat(open.get().ready()).isFalse();
    Verdict verdict = decide(ORDERS);
    assertThat(code(verdict)).isEqualTo("ENG-008");
    assertThat(verdict.revision()).isEqualTo(Revision.NONE);
  }

  @Test
  void anInstanceThatIsTakenIsBusyUntilItIsGivenBack() throws Exception {
    CompiledPolicy policy = Modules.deciding(folder, Decisions.ALLOW);
    InstancePool pool = new InstancePool(PolicyModule.compile(policy), 1, Runnable::run);
    try (var watchdog = new Watchdog(Duration.ofSeconds(20), Duration.ofMinutes(5))) {
      ActivePolicy active = new ActivePolicy(policy, pool, watchdog);
      PolicyInstance taken = Optional.ofNullable(pool.borrow()).orElseThrow();
      assertThatThrownBy(() -> judge(active))
          .isInstanceOfSatisfying(
              UnfitDocument.class, fit -> assertThat(fit.fault()).isEqualTo(EngineFault.BUSY));
      pool.giveBack(taken);
      assertThat(judge(active)).hasSize(1);
      assertThat(judge(active)).as("and is given back after it").hasSize(1);
    }
  }

  private static List<Judgement> judge(ActivePolicy active) throws UnfitDocument {
    return active.judge(List.of(ORDERS), List.of(InputDocument.of(ORDERS)));
  }

  @Test
  void whatIsVisibleIsUntoldWhereTheEngineFails() throws Exception {
    open = Optional.of(new WasmPolicyEvaluator(settings(1)));
    assertThat(open.get().visible(ORDERS).block()).isEqualTo(new Untold(EngineFault.NO_REVISION));
    open.get().close();
    evaluator(Modules.deciding(folder, Decisions.ALLOW), settings(0));
    assertThat(open.get().visible(ORDERS).block()).isEqualTo(new Untold(EngineFault.BUSY));
  }

  @Test
  void whenEveryInstanceIsTakenTheAnswerIsBusy() throws Exception {
    evaluator(Modules.deciding(folder, Decisions.ALLOW), settings(0));
    assertThat(code(decide(ORDERS))).isEqualTo("busy");
  }

  @Test
  void aBuiltInThatTheHostWouldHaveToOfferFailsTheLoad() throws Exception {
    CompiledPolicy policy = Modules.deciding(folder, "{\"v\": time.now_ns()}");
    try (WasmPolicyEvaluator evaluator = new WasmPolicyEvaluator(settings(1))) {
      assertThatThrownBy(() -> evaluator.activate(policy))
          .isInstanceOf(UnloadablePolicy.class)
          .hasMessageContaining("time.now_ns");
      assertThat(evaluator.ready()).isFalse();
    }
  }

  @Test
  void aRevisionThatDecidesNothingKeepsTheOneBefore() throws Exception {
    evaluator(Modules.deciding(folder, Decisions.ALLOW));
    Revision before = open.orElseThrow().active();
    CompiledPolicy broken =
        Modules.deciding(folder.resolve("broken"), "{\"v\": 1} if input.nothing");
    try (WasmPolicyEvaluator strict = new WasmPolicyEvaluator(settings(1).withWarmUps(20))) {
      assertThatThrownBy(() -> strict.activate(broken)).isInstanceOf(UnloadablePolicy.class);
    }
    assertThat(open.orElseThrow().active()).isEqualTo(before);
  }

  @Test
  void whatIsNotAModuleIsNotLoaded() {
    CompiledPolicy junk =
        new CompiledPolicy(
            new byte[] {1, 2, 3}, Facts.none(), Catalogue.parse("{\"v\":1,\"reasons\":{}}"));
    try (WasmPolicyEvaluator evaluator = new WasmPolicyEvaluator(settings(1))) {
      assertThatThrownBy(() -> evaluator.activate(junk)).isInstanceOf(UnloadablePolicy.class);
    }
  }

  private static WasmPolicyEvaluator.Settings settings(int instances) {
    return new WasmPolicyEvaluator.Settings(instances, Duration.ofSeconds(20), 0, 1024);
  }

  private void evaluator(CompiledPolicy policy) throws UnloadablePolicy {
    evaluator(policy, settings(2));
  }

  private void evaluator(CompiledPolicy policy, WasmPolicyEvaluator.Settings settings)
      throws UnloadablePolicy {
    WasmPolicyEvaluator evaluator = new WasmPolicyEvaluator(settings);
    open = Optional.of(evaluator);
    var _ = evaluator.activate(policy);
  }

  private Verdict decide(PolicyInput... inputs) {
    return open.orElseThrow().decide(List.of(inputs));
  }

  /** Once an instance is there again. */
  private Verdict decideSoon(PolicyInput input) {
    Verdict verdict = decide(input);
    while (codes(verdict).contains("busy")) {
      LockSupport.parkNanos(1_000_000);
      verdict = decide(input);
    }
    return verdict;
  }

  private static PolicyInput withPurpose(String purpose) {
    return new PolicyInput(
        ORDERS.subject(),
        ORDERS.actor(),
        ORDERS.token(),
        new PolicyInput.Claimed(Optional.of(purpose), Optional.empty(), List.of()),
        ORDERS.action(),
        ORDERS.resource(),
        ORDERS.context());
  }

  private static String code(Verdict verdict) {
    return String.join(",", codes(verdict));
  }

  private static List<String> codes(Verdict verdict) {
    return verdict.decision().reasons().stream().map(Reason::code).toList();
  }
}
