// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.e2e.RunningDemo.Answer;
import dev.obolus.e2e.RunningDemo.Verified;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A gateway that dies under load, and a demo that is ended and started again. */
class KilledGatewayTest {
  private static final int CALLERS = 6;
  private static final int ANSWERS = 60;

  @Test
  void everyAnswerHasItsReceiptInTheLogAndTheNextStartContinuesIt() throws Exception {
    RunningDemo demo = RunningDemo.start();
    Queue<Answer> answers = underLoadUntil(demo, ANSWERS);
    assertThat(demo.supervisor().waitFor(RunningDemo.PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .as("the supervisor ends with its gateway")
        .isTrue();

    RunningDemo again = RunningDemo.start(demo.data());
    try {
      for (Answer answer : answers) {
        var receipt = answer.json().path("receipt");
        assertThat(again.leaf(receipt.path("chain").asString(), receipt.path("seq").asLong()))
            .as(answer.body())
            .contains(receipt.path("leaf").asString());
      }
      assertThat(again.query("alice", "main.sales.orders", "id").status()).isEqualTo(200);
      Verified verified = again.verify();
      assertThat(verified.exit()).as(verified.said()).isZero();
      assertThat(verified.said()).contains(" in 2 chains");
    } finally {
      again.close();
    }
  }

  @Test
  void endingTheSupervisorEndsEverything() throws Exception {
    RunningDemo demo = RunningDemo.start();
    List<ProcessHandle> programs = new ArrayList<>();
    for (String part : List.of("gateway", "console", "sandbox", "database", "source")) {
      programs.add(demo.process(part));
    }
    demo.end();
    assertThat(programs).noneMatch(ProcessHandle::isAlive);
    assertThat(demo.data().resolve("run.json")).doesNotExist();
    Verified verified = demo.verify();
    assertThat(verified.exit()).as(verified.said()).isZero();
    demo.close();
  }

  @Test
  void killingTheSupervisorEndsEverythingAndTheNextStartIsInOrder() throws Exception {
    RunningDemo demo = RunningDemo.start();
    List<ProcessHandle> programs = new ArrayList<>();
    for (String part : List.of("gateway", "console", "sandbox", "database", "source")) {
      programs.add(demo.process(part));
    }
    assertThat(demo.supervisor().destroyForcibly().waitFor()).isEqualTo(137);
    RunningDemo.until(() -> programs.stream().noneMatch(ProcessHandle::isAlive));
    RunningDemo again = RunningDemo.start(demo.data());
    try {
      assertThat(again.query("alice", "main.sales.orders", "id").status()).isEqualTo(200);
      assertThat(again.verify().exit()).isZero();
    } finally {
      again.close();
    }
  }

  /** Callers ask without a pause; the gateway is killed once so many have been answered. */
  private static Queue<Answer> underLoadUntil(RunningDemo demo, int wanted) throws Exception {
    Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    ProcessHandle gateway = demo.process("gateway");
    assertThat(demo.token("alice")).isNotEmpty();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      callers.add(Thread.startVirtualThread(() -> askUntilItDies(demo, answers)));
    }
    RunningDemo.until(() -> answers.stream().filter(it -> it.status() == 200).count() >= wanted);
    assertThat(gateway.destroyForcibly()).isTrue();
    for (Thread caller : callers) {
      caller.join();
    }
    return answers;
  }

  private static void askUntilItDies(RunningDemo demo, Queue<Answer> answers) {
    try {
      while (true) {
        answers.add(demo.query("alice", "main.sales.orders", "id", "amount"));
      }
    } catch (UncheckedIOException gatewayDied) {
      return;
    }
  }
}
