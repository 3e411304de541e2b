// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.obolus.policy.EngineFault;
import dev.obolus.policy.PolicyInput;
import dev.obolus.policy.document.Catalogue;
import dev.obolus.policy.document.DecisionDocument;
import dev.obolus.policy.document.InputDocument;
import dev.obolus.policy.document.Judgement;
import dev.obolus.policy.document.UnfitDocument;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A decision that is odd in any way is not acted on. */
class OddDecisionsTest {
  private static final PolicyInput ORDERS =
      Vectors.input(Vectors.named("alice_reads_orders").input());
  private static final PolicyInput DELETE = Vectors.input(Vectors.named("alice_deletes").input());
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
          .getSchema(text("decision-v1.schema.json"));
  private static final String FILTER =
      "{\"rule\": \"SALES-010\", \"type\": \"row_filter\", \"resource\": \"main.sales.orders\", \"predicate\": %s}";
  private static final String MASK =
      "{\"rule\": \"SALES-011\", \"type\": \"column_mask\", \"resource\": \"main.sales.orders\", \"column\": \"email\", \"mask\": %s}";

  private final DecisionDocument decisions =
      new DecisionDocument(Catalogue.parse(text("catalogue.json")), Vectors.facts());

  static List<Vectors.Case> cases() {
    return Vectors.cases();
  }

  static List<String> soundObligations() {
    return List.of(
        FILTER.formatted(
            "{\"type\":\"field\",\"operator\":\"in\",\"field\":\"region\",\"value\":[\"EMEA\",1,true]}"),
        FILTER.formatted(
            "{\"type\":\"compound\",\"operator\":\"not\",\"value\":[{\"type\":\"field\",\"operator\":\"eq\",\"field\":\"region\",\"value\":1.5}]}"),
        FILTER.formatted(
            "{\"type\":\"compound\",\"operator\":\"or\",\"value\":[{\"type\":\"field\",\"operator\":\"startswith\",\"field\":\"region\",\"value\":\"E\"}]}"),
        MASK.formatted("{\"type\":\"nullify\"}"),
        MASK.formatted("{\"type\":\"replace\",\"text\":\"x\"}"),
        MASK.formatted("{\"type\":\"partial\",\"keep\":4}"),
        "{\"rule\":\"ORG-020\",\"type\":\"max_rows\",\"rows\":1}",
        "{\"rule\":\"ORG-020\",\"type\":\"max_bytes\",\"bytes\":9007199254740991}");
  }

  /** Odd by their shape: the schema refuses them too. */
  static List<String> oddlyShapedObligations() {
    return List.of(
        FILTER.formatted("null"),
        FILTER.formatted("{\"type\":\"compound\",\"operator\":\"and\",\"value\":[]}"),
        FILTER.formatted(
            "{\"type\":\"compound\",\"operator\":\"xor\",\"value\":[{\"type\":\"field\",\"operator\":\"eq\",\"field\":\"region\",\"value\":1}]}"),
        FILTER.formatted(
            "{\"type\":\"field\",\"operator\":\"eq\",\"field\":\"region\",\"value\":null}"),
        FILTER.formatted(
            "{\"type\":\"field\",\"operator\":\"eq\",\"field\":\"region\",\"value\":[\"EMEA\"]}"),
        FILTER.formatted(
            "{\"type\":\"field\",\"operator\":\"in\",\"field\":\"region\",\"value\":[]}"),
        FILTER.formatted(
            "{\"type\":\"field\",\"operator\":\"in\",\"field\":\"region\",\"value\":\"EMEA\"}"),
        FILTER.formatted(
            "{\"type\":\"field\",\"operator\":\"like\",\"field\":\"region\",\"value\":\"E\"}"),
        FILTER.formatted(
            "{\"type\":\"field\",\"operator\":\"eq\",\"field\":\"region\",\"value\":\"E\",\"or\":1}"),
        MASK.formatted("{\"type\":\"partial\",\"keep\":-1}"),
        MASK.formatted("{\"type\":\"partial\",\"keep\":65}"),
        MASK.formatted("{\"type\":\"none\"}"),
        MASK.formatted("null"),
        "null",
        "{}",
        "{\"rule\":\"ORG-020\",\"type\":\"max_rows\",\"rows\":0}",
        "{\"rule\":\"ORG-020\",\"type\":\"max_rows\",\"rows\":-5}",
        "{\"rule\":\"ORG-020\",\"type\":\"max_rows\",\"rows\":1.5}",
        "{\"rule\":\"ORG-020\",\"type\":\"max_rows\",\"rows\":4294967297}",
        "{\"rule\":\"ORG-020\",\"type\":\"max_rows\",\"rows\":\"10\"}",
        "{\"rule\":\"ORG-020\",\"type\":\"max_rows\",\"rows\":null}",
        "{\"rule\":\"ORG-020\",\"type\":\"max_rows\"}",
        "{\"type\":\"max_rows\",\"rows\":10}");
  }

  /** Odd by what they speak of. */
  static List<String> obligationsAboutSomethingElse() {
    return List.of(
        FILTER
            .replace("main.sales.orders", "main.hr.salaries")
            .formatted(
                "{\"type\":\"field\",\"operator\":\"eq\",\"field\":\"region\",\"value\":\"E\"}"),
        FILTER.formatted(
            "{\"type\":\"field\",\"operator\":\"eq\",\"field\":\"salary\",\"value\":1}"),
        FILTER.formatted(
            "{\"type\":\"field\",\"operator\":\"eq\",\"field\":\"region\",\"value\":\"\\ud800\"}"),
        FILTER.formatted(
            "{\"type\":\"field\",\"operator\":\"eq\",\"field\":\"region\",\"value\":1e999999}"),
        FILTER.formatted(
            "{\"type\":\"field\",\"operator\":\"eq\",\"field\":\"region\",\"value\":"
                + "9".repeat(60)
                + "}"),
        MASK.formatted("{\"type\":\"partial\",\"keep\":1e99}"),
        MASK.replace("main.sales.orders", "main.hr.salaries").formatted("{\"type\":\"nullify\"}"),
        MASK.replace("\"email\"", "\"region\"").formatted("{\"type\":\"nullify\"}"),
        "{\"rule\":\"NOWHERE-001\",\"type\":\"max_rows\",\"rows\":10}");
  }

  @ParameterizedTest
  @MethodSource("soundObligations")
  void soundObligationsAreTaken(String obligation) throws UnfitDocument {
    assertThat(judge(Decisions.obliging(obligation)).obligations()).hasSize(1);
    assertThat(valid(Decisions.obliging(obligation))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("oddlyShapedObligations")
  void oddlyShapedObligationsAreRefusedByTheSchemaToo(String obligation) {
    assertUnfit(Decisions.obliging(obligation));
    assertThat(valid(Decisions.obliging(obligation))).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("obligationsAboutSomethingElse")
  void obligationsAboutSomethingElseAreRefused(String obligation) {
    assertUnfit(Decisions.obliging(obligation));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"code\": \"ORG-002\", \"args\": {\"resource\": \"main.sales.orders\"}}",
        "{\"code\": \"ORG-006\", \"args\": {}}",
        "{\"code\": \"ORG-006\", \"args\": {\"class\": \"everything in data.facts\"}}",
        "{\"code\": \"ORG-006\", \"args\": {\"class\": {\"users\": {}}}}",
        "{\"code\": \"ORG-005\", \"args\": {\"operation\": \"somebody else's\"}}",
        "{\"code\": \"ORG-777\", \"args\": {}}",
        "{\"code\": 2, \"args\": {}}",
        "{\"code\": \"ORG-002\"}",
        "\"ORG-002\"",
        "null",
      })
  void aReasonThatCarriesAnythingElseIsRefused(String reason) {
    assertUnfit(Decisions.denying(reason));
  }

  @Test
  void anArgumentOfThisCallersOwnRequestIsTold() throws UnfitDocument {
    Judgement judgement =
        judge(Decisions.denying("{\"code\": \"ORG-005\", \"args\": {\"operation\": \"query\"}}"));
    assertThat(judgement.reasons().getFirst().text())
        .isEqualTo("The agent is not registered for the operation query.");
    assertThat(
            judge(
                    Decisions.denying("{\"code\": \"ORG-006\", \"args\": {\"class\": \"delete\"}}"),
                    DELETE)
                .reasons()
                .getFirst()
                .args())
        .containsEntry("class", "delete");
  }

  @Test
  void anAllowWhoseRuleHasNoTextIsStillAnAllow() throws UnfitDocument {
    Judgement judgement = judge(Decisions.of("allow", "{\"code\": \"x\", \"args\": {}}", ""));
    assertThat(judgement.effect()).isEqualTo(Judgement.Effect.ALLOW);
    assertThat(judgement.reasons()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"result\": {\"v\": 1, \"v\": 1}}]",
        "[{\"result\": null}]",
        "[{\"result\": 1}, {\"result\": 2}]",
        "[{}]",
        "{}",
        "",
        "null",
        "[{\"result\": {}}] trailing",
      })
  void whatIsNotOneResultIsRefused(String json) {
    assertThatExceptionOfType(UnfitDocument.class)
        .isThrownBy(() -> decisions.judge(json, ORDERS, InputDocument.of(ORDERS)));
  }

  @Test
  void anEffectAndItsPartsMustAgree() {
    assertUnfit(Decisions.of("deny", "", ""));
    assertUnfit(
        Decisions.of(
            "deny",
            "{\"code\": \"ORG-002\", \"args\": {}}",
            MASK.formatted("{\"type\":\"nullify\"}")));
    assertUnfit(Decisions.of("step_up", "{\"code\": \"ORG-002\", \"args\": {}}", ""));
    assertUnfit(Decisions.of("ALLOW", "", ""));
    assertUnfit(Decisions.ALLOW.replace("\"sales\"", "\"hr\""));
    assertUnfit(Decisions.ALLOW.replace("[\"sales\"]", "[]"));
    assertUnfit(Decisions.ALLOW.replace("\"acrs\": []", "\"acrs\": [\"c1\"]"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theGoldenDecisionsAndInputsFitTheirSchemas(Vectors.Case each) throws UnfitDocument {
    Schema input =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
            .getSchema(text("input-v1.schema.json"));
    assertThat(valid(each.want().toString())).isEmpty();
    assertThat(
            input.validate(InputDocument.of(Vectors.input(each.input())).json(), InputFormat.JSON))
        .isEmpty();
  }

  private Judgement judge(String decision) throws UnfitDocument {
    return judge(decision, ORDERS);
  }

  private Judgement judge(String decision, PolicyInput input) throws UnfitDocument {
    return decisions.judge("[{\"result\": " + decision + "}]", input, InputDocument.of(input));
  }

  private void assertUnfit(String decision) {
    assertThatThrownBy(() -> judge(decision))
        .isInstanceOfSatisfying(
            UnfitDocument.class,
            unfit -> assertThat(unfit.fault()).isEqualTo(EngineFault.UNFIT_RESULT));
  }

  private static List<Error> valid(String decision) {
    return SCHEMA.validate(decision, InputFormat.JSON);
  }

  private static String text(String resource) {
    return new String(Vectors.bytes(resource), StandardCharsets.UTF_8);
  }
}
