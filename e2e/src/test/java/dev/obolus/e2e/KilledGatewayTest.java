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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A gateway that dies under load, and a demo that is ended and started again. */
class KilledGatewayTest {
  private static final int CALLERS = 6;
  private static final int ANSWERS = 60;
  private static final int ROUNDS = 10;

  @Test
  void everyAnswerHasItsReceiptInTheLogAndTheNextStartContinuesIt() throws Exception {
    RunningDemo demo = RunningDemo.start();
    Queue<Answer> answers = underLoadUntilKilled(demo, "gateway");
    RunningDemo again = RunningDemo.start(demo.data());
    try {
      assertAllAreInTheLog(again, answers);
      assertThat(again.query("alice", "main.sales.orders", "id").status()).isEqualTo(200);
      Verified verified = again.verify();
      assertThat(verified.exit()).as(verified.said()).isZero();
      assertThat(verified.said()).contains(" in 2 chains");
    } finally {
      again.close();
    }
  }

  @Test
  @Tag("long")
  void gatewayAndDatabaseDieTimeAndAgainAndNothingThatWasAnsweredIsLost() throws Exception {
    RunningDemo demo = RunningDemo.start();
    try {
      for (int round = 0; round < ROUNDS; round++) {
        Queue<Answer> answers = underLoadUntilKilled(demo, round % 2 == 0 ? "gateway" : "database");
        demo = RunningDemo.start(demo.data());
        assertAllAreInTheLog(demo, answers);
      }
      assertThat(demo.query("alice", "main.sales.orders", "id").status()).isEqualTo(200);
      Verified verified = demo.verify();
      assertThat(verified.exit()).as(verified.said()).isZero();
      assertThat(verified.said()).contains(" in " + (ROUNDS + 1) + " chains");
    } finally {
      demo.close();
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

  /** Callers ask without a pause; the process is killed once enough have been answered. */
  private static Queue<Answer> underLoadUntilKilled(RunningDemo demo, String process)
      throws Exception {
    Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    ProcessHandle killed = demo.process(process);
    assertThat(demo.token("alice")).isNotEmpty();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      callers.add(Thread.startVirtualThread(() -> askUntilItDies(demo, answers)));
    }
    RunningDemo.until(() -> answers.stream().filter(it -> it.status() == 200).count() >= ANSWERS);
    assertThat(killed.destroyForcibly()).isTrue();
    for (Thread caller : callers) {
      caller.join();
    }
    if (process.equals("database")) {
      demo.end();
    }
    assertThat(demo.supervisor().waitFor(RunningDemo.PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .as("the supervisor ends with its " + process)
        .isTrue();
    return answers;
  }

  private static void assertAllAreInTheLog(RunningDemo demo, Queue<Answer> answers) {
    for (Answer answer : answers) {
      if (answer.status() == 200) {
        var receipt = answer.json().path("receipt");
        assertThat(demo.leaf(receipt.path("chain").asString(), receipt.path("seq").asLong()))
            .as(answer.body())
            .contains(receipt.path("leaf").asString());
      } else {
        assertThat(answer.status()).as(answer.body()).isEqualTo(503);
      }
    }
  }

  private static void askUntilItDies(RunningDemo demo, Queue<Answer> answers) {
    try {
      Answer answer;
      do {
        answer = demo.query("alice", "main.sales.orders", "id", "amount");
        answers.add(answer);
      } while (answer.status() == 200);
    } catch (UncheckedIOException gatewayDied) {
      return;
    }
  }
}
