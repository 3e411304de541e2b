// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import com.styra.opa.wasm.OpaPolicy;
import dev.obolus.policy.Verdict;
import dev.obolus.policy.document.InputDocument;
import dev.obolus.policy.document.UnfitDocument;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What {@code opa} wants of each case, our engine gives, and so does one that we did not write. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GoldenVectorsTest {
  private final CompiledPolicy policy;
  private final PolicyInstance ours;
  private final OpaPolicy theirs;
  private final WasmPolicyEvaluator evaluator =
      new WasmPolicyEvaluator(WasmPolicyEvaluator.Settings.DEFAULT.withWarmUps(100));

  GoldenVectorsTest() throws UnloadablePolicy {
    policy = PackagedPolicy.with(Vectors.facts());
    ours = PolicyModule.compile(policy).instantiate();
    theirs = OpaPolicy.builder().withPolicy(policy.wasm()).build();
    theirs.data(policy.facts().data()).entrypoint("gateway/decision");
  }

  @BeforeAll
  void activate() throws UnloadablePolicy {
    var _ = evaluator.activate(policy);
  }

  @AfterAll
  void close() {
    evaluator.close();
  }

  static List<Vectors.Case> cases() {
    return Vectors.cases();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void ourEngineAgrees(Vectors.Case each) {
    assertThat(result(ours.decide(each.input().toString().getBytes(StandardCharsets.UTF_8))))
        .isEqualTo(Vectors.sorted(each.want()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void anotherEngineAgrees(Vectors.Case each) {
    assertThat(result(theirs.evaluate(each.input().toString())))
        .isEqualTo(Vectors.sorted(each.want()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theTypedInputIsTheSameJson(Vectors.Case each) throws UnfitDocument {
    assertThat(Vectors.sorted(InputDocument.of(Vectors.input(each.input())).tree()))
        .isEqualTo(Vectors.sorted(each.input()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theVerdictSaysTheSame(Vectors.Case each) {
    Verdict verdict = evaluator.decide(List.of(Vectors.input(each.input())));
    assertThat(verdict.decision().effect()).isEqualTo(each.want().get("effect").stringValue());
    assertThat(verdict.decision().reasons().stream().map(reason -> reason.code()))
        .containsAll(
            each.want()
                .get("reasons")
                .valueStream()
                .map(r -> r.get("code").stringValue())
                .toList());
    assertThat(verdict.revision()).isEqualTo(policy.revision());
  }

  private static JsonNode result(String json) {
    return Vectors.sorted(Vectors.JSON.readTree(json).get(0).get("result"));
  }
}
