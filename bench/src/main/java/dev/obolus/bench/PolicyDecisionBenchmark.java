// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.bench;

import dev.obolus.policy.PolicyInput;
import dev.obolus.policy.Verdict;
import dev.obolus.policy.document.Facts;
import dev.obolus.policy.document.SampleInputs;
import dev.obolus.policy.wasm.PackagedPolicy;
import dev.obolus.policy.wasm.WasmPolicyEvaluator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One resource judged by the packaged policy over the demo's facts: input written, module run,
 * result checked. Run from the checkout, or name it in {@code -Dobolus.checkout=…}.
 */
@State(Scope.Thread)
@BenchmarkMode({Mode.AverageTime, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class PolicyDecisionBenchmark {
  private WasmPolicyEvaluator evaluator;
  private List<PolicyInput> inputs;
  private int next;

  @Setup
  public void activate() throws Exception {
    Path checkout = Path.of(System.getProperty("obolus.checkout", "."));
    Facts facts = Facts.read(checkout.resolve("sandbox/facts"));
    evaluator =
        new WasmPolicyEvaluator(
            WasmPolicyEvaluator.Settings.DEFAULT.withBudget(Duration.ofSeconds(1)));
    String revision = evaluator.activate(PackagedPolicy.with(facts)).brief();
    System.out.println("revision " + revision);
    inputs = SampleInputs.of(facts);
  }

  @TearDown
  public void close() {
    evaluator.close();
  }

  @Benchmark
  public Verdict decide() {
    next = (next + 1) % inputs.size();
    return evaluator.decide(List.of(inputs.get(next)));
  }
}
