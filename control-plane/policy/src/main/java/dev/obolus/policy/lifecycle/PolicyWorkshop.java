// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.lifecycle;

import dev.obolus.policy.Revision;
import dev.obolus.policy.document.Facts;
import dev.obolus.policy.document.UnfitFacts;
import dev.obolus.policy.opa.Compilation;
import dev.obolus.policy.opa.Compilation.Compiled;
import dev.obolus.policy.opa.Compilation.Rejected;
import dev.obolus.policy.opa.Finding;
import dev.obolus.policy.opa.PolicyCompiler;
import dev.obolus.policy.wasm.CompiledPolicy;
import dev.obolus.policy.wasm.UnloadablePolicy;
import dev.obolus.policy.wasm.WasmPolicyEvaluator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The author's loop, for a demo or a desk: saving Rego or facts checks, tests, compiles, warms up
 * and swaps. Anything wrong leaves the active revision as it is and says where.
 */
public final class PolicyWorkshop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyWorkshop.class);
  private static final Duration PAUSE = Duration.ofMillis(400);

  private final WasmPolicyEvaluator evaluator;
  private final PolicyCompiler compiler;
  private final Path sources;
  private final Path facts;
  private final LifecycleJournal journal;
  private final WatchedFolders folders;
  private final Thread thread;
  private Map<Path, String> taken = Map.of();
  private volatile boolean closed;

  /**
   * @param sources as {@link PolicyCompiler} takes them
   * @param facts the folder of facts, which may lie elsewhere
   */
  public PolicyWorkshop(
      WasmPolicyEvaluator evaluator,
      PolicyCompiler compiler,
      Path sources,
      Path facts,
      LifecycleJournal journal) {
    this.evaluator = evaluator;
    this.compiler = compiler;
    this.sources = sources.toAbsolutePath();
    this.facts = facts.toAbsolutePath();
    this.journal = journal;
    this.folders =
        new WatchedFolders(
            Stream.concat(
                    Stream.of("gateway", "org", "team", "fixtures", "schemas")
                        .map(this.sources::resolve),
                    Stream.of(this.facts))
                .toList());
    this.thread = Thread.ofPlatform().daemon().name("policy-workshop").unstarted(this::watch);
  }

  /** Watches from now on; what lies there already is taken as known. */
  public void start() {
    taken = look(Map.of());
    thread.start();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  private void watch() {
    Map<Path, String> before = taken;
    while (!closed) {
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException _) {
        return;
      }
      Map<Path, String> now = look(before);
      // an editor may still be writing: wait until two looks agree
      if (!now.equals(taken) && now.equals(before)) {
        taken = now;
        try {
          publish();
        } catch (InterruptedException _) {
          return;
        }
      }
      before = now;
    }
  }

  private Map<Path, String> look(Map<Path, String> otherwise) {
    try {
      return folders.look();
    } catch (IOException | UncheckedIOException _) {
      return otherwise; // a file vanished while it was looked at
    }
  }

  /** One turn of the loop, now; waits as long as the journal does. */
  public void publish() throws InterruptedException {
    long began = System.nanoTime();
    Revision before = evaluator.active();
    try {
      switch (build()) {
        case Compiled compiled -> {
          WasmPolicyEvaluator.Prepared prepared =
              evaluator.prepare(
                  new CompiledPolicy(compiled.wasm(), Facts.read(facts), compiled.catalogue()));
          journal.activating(prepared.revision(), before);
          Revision revision = prepared.activate();
          journal.activated(
              revision, before, Duration.ofNanos(System.nanoTime() - began), compiled.warnings());
        }
        case Rejected(List<Finding> findings) -> journal.refused(before, findings);
      }
    } catch (UnfitFacts e) {
      refuse(before, new Finding("facts", e.file(), e.line(), e.column(), "" + e.getMessage()));
    } catch (UnloadablePolicy e) {
      refuse(before, new Finding("load", sources.toString(), 0, 0, "" + e.getMessage()));
    } catch (IOException | RuntimeException e) {
      LOG.atError().setCause(e).log("a change to policy could not be taken");
      refuse(before, new Finding("build", sources.toString(), 0, 0, "" + e.getMessage()));
    }
  }

  /** Facts are looked at first: they are the quickest to be wrong. */
  private Compilation build() throws IOException, UnfitFacts {
    var _ = Facts.read(facts);
    return compiler.compile(sources);
  }

  private void refuse(Revision active, Finding finding) throws InterruptedException {
    journal.refused(active, List.of(finding));
  }
}
