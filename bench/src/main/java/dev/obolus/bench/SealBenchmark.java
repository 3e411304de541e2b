// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.bench;

import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.chain.Sealable;
import dev.obolus.audit.chain.SealedRecord;
import dev.obolus.audit.personal.SealingKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * What sealing one decision costs: canonical bytes, four salted commitments, leaf and MAC, with a
 * policy input of 1.5 KB.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class SealBenchmark {
  private static final int MAX_BYTES = 1 << 20;

  private Chain chain;
  private Sealable decision;

  @Setup
  public void open() throws IOException {
    Path folder = Files.createTempDirectory("obolus-bench-");
    RootKey root = RootKey.create(folder.resolve("root.key"), new SecureRandom());
    chain = new Chain("bench", 1, root, new SecureRandom(), Clock.systemUTC());
    decision = new Sealable.Event(Decisions.permit(), SealingKeys.unkept(new SecureRandom()));
    Files.delete(folder.resolve("root.key"));
    Files.delete(folder);
  }

  @Benchmark
  public SealedRecord sealOneDecision() {
    return chain.seal(decision, MAX_BYTES);
  }
}
