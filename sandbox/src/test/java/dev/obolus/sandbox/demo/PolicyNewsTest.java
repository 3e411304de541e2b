// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PolicyNewsTest {
  private static final String LOGGER = "{\"log\":{\"logger\":\"dev.obolus.gateway.PolicyDesk\"},";

  @Test
  void aFindingIsToldByItsPlace() {
    assertThat(
            PolicyNews.news(
                LOGGER + "\"message\":\"policy\",\"finding\":\"sales.rego:7: unexpected }\"}"))
        .contains("sales.rego:7: unexpected }");
  }

  @Test
  void aChangeIsToldWithItsRevision() {
    assertThat(
            PolicyNews.news(
                LOGGER
                    + "\"message\":\"the saved policy is active\",\"revision\":\"0123456789ab\"}"))
        .contains("the saved policy is active: revision 0123456789ab");
  }

  @Test
  void aRefusalIsToldWithTheRevisionThatIsKept() {
    assertThat(
            PolicyNews.news(
                LOGGER + "\"message\":\"the saved policy is refused\",\"kept\":\"0123456789ab\"}"))
        .contains("the saved policy is refused; revision 0123456789ab stays active");
  }

  @Test
  void otherLinesAreNotForAuthors() {
    assertThat(PolicyNews.news("{\"log\":{\"logger\":\"other\"},\"message\":\"x\"}")).isEmpty();
    assertThat(PolicyNews.news("dev.obolus.gateway.PolicyDesk and then no JSON")).isEmpty();
  }
}
