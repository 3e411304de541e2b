// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.obolus.policy.document.Facts;
import dev.obolus.policy.document.UnfitFacts;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The schema of facts and the code that checks them say the same. */
class FactsSchemaTest {
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
          .getSchema(new String(Vectors.bytes("facts-v1.schema.json"), StandardCharsets.UTF_8));

  @Test
  void theFactsWeShipFit() {
    assertThat(SCHEMA.validate(Vectors.sandbox().json(), InputFormat.JSON)).isEmpty();
    assertThat(SCHEMA.validate(Vectors.facts().json(), InputFormat.JSON)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"finance-copilot\"|\"Finance Copilot\"",
        "\"finance-copilot\"|7",
        "[\"obo\"]|[\"any\"]",
        "[\"obo\"]|\"obo\"",
        "\"databricks-sales/query\"|\"databricks-sales\"",
        "\"owner\":\"sales\"|\"owner\":[]",
        "\"owner\":\"sales\"|\"owner\":null",
        "\"labels\":[\"internal\"]|\"label\":[\"internal\"]",
        "\"labels\":[\"internal\"]|\"labels\":\"internal\"",
        "\"region\":\"EMEA\"|\"region\":\"\"",
        "\"region\":\"EMEA\"|\"region\":\"EMEA\",\"admin\":true",
        "\"all_regions\":true|\"all_regions\":\"yes\"",
        "\"covers\":[\"pii\"]|\"covers\":[1]",
        "\"0b010500-0000-4000-8000-0000000000c1\":{|\"alice\":{",
        "\"users\":{|\"people\":{",
      })
  void aFactOfAnotherShapeIsRefusedByBoth(String from, String to) {
    String facts = Vectors.facts().json().replace(from, to);
    assertThat(facts).isNotEqualTo(Vectors.facts().json());
    assertThat(SCHEMA.validate(facts, InputFormat.JSON)).isNotEmpty();
    assertThatThrownBy(() -> Facts.parse(facts)).isInstanceOf(UnfitFacts.class);
  }

  @Test
  void aMemberGivenTwiceIsRefused() {
    assertThatThrownBy(() -> Facts.parse("{\"users\":{},\"users\":{}}"))
        .isInstanceOf(UnfitFacts.class);
  }

  @Test
  void otherFactsAreAnotherRevision() throws Exception {
    CompiledPolicy none = PackagedPolicy.with(Facts.none());
    CompiledPolicy some = none.withFacts(Vectors.facts());
    assertThat(some.revision()).isNotEqualTo(none.revision());
    assertThat(some.withFacts(Facts.parse(Facts.none().json())).revision())
        .isEqualTo(none.revision());
  }
}
