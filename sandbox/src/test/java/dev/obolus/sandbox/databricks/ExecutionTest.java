// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.databricks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.sandbox.databricks.Execution.State;
import org.junit.jupiter.api.Test;

class ExecutionTest {
  private final Execution execution = new Execution(new Person("someone", "application"));

  @Test
  void whatWasCancelledBeforeItBeganDoesNotBegin() {
    execution.cancel();
    assertThat(execution.begin()).isFalse();
    assertThat(execution.state()).isEqualTo(State.CANCELED);
  }

  @Test
  void whatWasCancelledInTheEngineIsNotCommitted() {
    assertThat(execution.begin()).isTrue();
    execution.cancel();
    assertThat(execution.finish()).isFalse();
    execution.end();
    assertThat(execution.state()).isEqualTo(State.CANCELED);
  }

  @Test
  void whatIsAboutToCommitIsNoLongerCancelled() {
    assertThat(execution.begin()).isTrue();
    assertThat(execution.finish()).isTrue();
    execution.cancel();
    assertThat(execution.state()).isEqualTo(State.RUNNING);
  }
}
