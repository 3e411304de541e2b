// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.policy.Revision;
import dev.obolus.policy.document.Facts;
import dev.obolus.policy.opa.Finding;
import dev.obolus.policy.opa.OpaProgram;
import dev.obolus.policy.opa.PolicyCompiler;
import dev.obolus.policy.wasm.PackagedPolicy;
import dev.obolus.policy.wasm.WasmPolicyEvaluator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Saving a file changes what is decided, or says why not. */
class PolicyWorkshopTest {
  private static final List<String> PARTS =
      List.of("gateway", "org", "team", "fixtures", "schemas");

  @TempDir Path folder;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final WasmPolicyEvaluator evaluator =
      new WasmPolicyEvaluator(WasmPolicyEvaluator.Settings.DEFAULT.withWarmUps(50));
  private PolicyWorkshop workshop;
  private Revision first;
  private Recording recording = (_, _) -> {};

  interface Recording {
    void record(Revision revision, Revision before) throws InterruptedException;
  }

  record Event(boolean activated, Revision revision, List<Finding> findings) {}

  @BeforeEach
  void open() throws Exception {
    for (String part : PARTS) {
      copy(Path.of(part), folder.resolve(part));
    }
    copy(Path.of("facts").toRealPath(), folder.resolve("facts"));
    Files.copy(Path.of("capabilities.json"), folder.resolve("capabilities.json"));
    first = evaluator.activate(PackagedPolicy.with(Facts.read(folder.resolve("facts"))));
    workshop =
        new PolicyWorkshop(
            evaluator,
            new PolicyCompiler(OpaProgram.find(System.getenv(), Path.of("..")).orElseThrow()),
            folder,
            folder.resolve("facts"),
            new LifecycleJournal() {
              @Override
              public void activating(Revision revision, Revision before)
                  throws InterruptedException {
                recording.record(revision, before);
              }

              @Override
              public void activated(
                  Revision revision, Revision before, Duration took, List<Finding> warnings) {
                events.add(new Event(true, revision, warnings));
              }

              @Override
              public void refused(Revision active, List<Finding> findings) {
                events.add(new Event(false, active, findings));
              }
            });
  }

  @AfterEach
  void close() {
    workshop.close();
    evaluator.close();
  }

  @Test
  void theBuiltPolicyIsWhatTheLoopBuilds() throws Exception {
    workshop.publish();
    assertThat(events.poll()).isEqualTo(new Event(true, first, List.of()));
  }

  @Test
  void savingFactsActivatesAnotherRevision() throws Exception {
    workshop.start();
    edit("facts/users.json", "Alice Marlow", "Alice M.");
    Event event = events.poll(30, TimeUnit.SECONDS);
    assertThat(event.activated()).isTrue();
    assertThat(evaluator.active()).isEqualTo(event.revision()).isNotEqualTo(first);
    assertThat(evaluator.facts().people()).extracting(Facts.Person::name).contains("Alice M.");
  }

  @Test
  void aChangeDecidesNothingUntilItIsRecorded() throws Exception {
    List<Revision> recorded = new ArrayList<>();
    recording =
        (revision, before) -> {
          assertThat(evaluator.active()).isEqualTo(before).isEqualTo(first);
          recorded.add(revision);
        };
    edit("facts/users.json", "Alice Marlow", "Alice M.");
    workshop.publish();
    assertThat(recorded).containsExactly(evaluator.active()).doesNotContain(first);
    assertThat(events.poll().activated()).isTrue();
  }

  @Test
  void aChangeThatCannotBeRecordedDoesNotDecide() throws Exception {
    recording =
        (_, _) -> {
          throw new InterruptedException("the desk closes");
        };
    edit("facts/users.json", "Alice Marlow", "Alice M.");
    assertThatThrownBy(workshop::publish).isInstanceOf(InterruptedException.class);
    assertThat(evaluator.active()).isEqualTo(first);
    assertThat(events).isEmpty();
  }

  @Test
  void aSyntaxErrorIsRefusedWithFileAndLine() throws Exception {
    edit("team/sales/sales.rego", "package team.sales", "package team.sales\n\nallow contains");
    refusedAt("team/sales/sales.rego", "check");
  }

  @Test
  void aFailingTestIsRefusedWithFileAndLine() throws Exception {
    edit("team/sales/sales.rego", "\"rows\": 1000", "\"rows\": 2000");
    refusedAt("gateway/gateway_test.rego", "test");
  }

  @Test
  void aMissingMemberOfAFactIsRefused() throws Exception {
    edit("facts/agents.json", "\"owner\"", "\"woner\"");
    refusedAt(folder.resolve("facts/agents.json").toString(), "facts");
  }

  @Test
  void brokenFactsAreRefusedWithFileAndLine() throws Exception {
    edit("facts/users.json", "\"region\": \"EMEA\"", "\"region\": EMEA");
    assertThat(refusedAt(folder.resolve("facts/users.json").toString(), "facts").row())
        .isEqualTo(5);
  }

  @Test
  void aBuiltInThatIsNotOfferedIsRefused() throws Exception {
    edit("org/baseline/baseline.rego", "_read if", "_late if time.now_ns() > 0\n\n_read if");
    assertThat(refusedAt("org/baseline/baseline.rego", "check").message()).contains("time.now_ns");
  }

  @Test
  void aTeamThatReadsAnotherIsRefused() throws Exception {
    edit("team/sales/sales.rego", "_region := ", "_other := data.org.baseline.deny\n\n_region := ");
    assertThat(refusedAt("team/sales/sales.rego", "reach").row()).isPositive();
  }

  @Test
  void aTeamThatTakesAllDataIsRefused() throws Exception {
    edit("team/sales/sales.rego", "_region := ", "_other := data[input.subject.id]\n\n_region := ");
    var _ = refusedAt("team/sales/sales.rego", "check");
  }

  @Test
  void aTeamFileOfAnotherPackageIsRefused() throws Exception {
    edit("team/sales/sales.rego", "package team.sales", "package org.baseline");
    workshop.publish();
    assertThat(events.poll().activated()).isFalse();
  }

  @Test
  void aNegatedCallIsRefused() throws Exception {
    edit("org/baseline/baseline.rego", "if not _labelled", "if not is_array(_resource.labels)");
    edit("org/baseline/baseline.rego", "\tnot _labelled", "\tnot is_array(_resource.labels)");
    var _ = refusedAt("org/baseline/baseline.rego", "reach");
  }

  @Test
  void aTeamCannotSpeakForTheOrganisation() throws Exception {
    edit("team/sales/sales.rego", "code: SALES-001", "code: ORG-001");
    assertThat(refused().kind()).isEqualTo("catalogue");
  }

  private Finding refusedAt(String file, String kind) throws Exception {
    Finding finding = refused();
    assertThat(finding.file()).isEqualTo(file);
    assertThat(finding.kind()).isEqualTo(kind);
    return finding;
  }

  private Finding refused() throws InterruptedException {
    workshop.publish();
    Event event = events.remove();
    assertThat(event.activated()).isFalse();
    assertThat(evaluator.active()).isEqualTo(first);
    return event.findings().getFirst();
  }

  private void edit(String file, String from, String to) throws Exception {
    Path path = folder.resolve(file);
    String text = Files.readString(path);
    Files.writeString(path, text.replace(from, to));
  }

  private static void copy(Path from, Path to) throws Exception {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }
}
