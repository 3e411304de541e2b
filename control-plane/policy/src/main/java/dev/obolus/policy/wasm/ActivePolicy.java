// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import com.dylibso.chicory.wasm.ChicoryException;
import dev.obolus.policy.EngineFault;
import dev.obolus.policy.PolicyInput;
import dev.obolus.policy.Revision;
import dev.obolus.policy.document.Catalogue;
import dev.obolus.policy.document.DecisionDocument;
import dev.obolus.policy.document.InputDocument;
import dev.obolus.policy.document.Judgement;
import dev.obolus.policy.document.UnfitDocument;
import dev.obolus.terms.ResourceName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** A revision, loaded: what one verdict is given by, from its first resource to its last. */
final class ActivePolicy {
  private final CompiledPolicy policy;
  private final InstancePool pool;
  private final DecisionDocument decisions;
  private final Watchdog watchdog;

  ActivePolicy(CompiledPolicy policy, InstancePool pool, Watchdog watchdog) {
    this.policy = policy;
    this.pool = pool;
    this.decisions = new DecisionDocument(policy.catalogue(), policy.facts());
    this.watchdog = watchdog;
  }

  Revision revision() {
    return policy.revision();
  }

  CompiledPolicy policy() {
    return policy;
  }

  Catalogue catalogue() {
    return policy.catalogue();
  }

  /** Judges each; the inputs and the documents stand in the same order. */
  List<Judgement> judge(List<PolicyInput> inputs, List<InputDocument> documents)
      throws UnfitDocument {
    List<String> results = new ArrayList<>();
    try (Borrowed borrowed = borrow()) {
      for (InputDocument document : documents) {
        results.add(borrowed.run(instance -> instance.decide(bytes(document))));
      }
    }
    List<Judgement> judgements = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      judgements.add(decisions.judge(results.get(i), inputs.get(i), documents.get(i)));
    }
    return judgements;
  }

  Set<ResourceName> visible(InputDocument document) throws UnfitDocument {
    try (Borrowed borrowed = borrow()) {
      return DecisionDocument.visible(borrowed.run(instance -> instance.visible(bytes(document))));
    }
  }

  private static byte[] bytes(InputDocument document) {
    return document.json().getBytes(StandardCharsets.UTF_8);
  }

  private Borrowed borrow() throws UnfitDocument {
    PolicyInstance instance = pool.borrow();
    if (instance == null) {
      throw new UnfitDocument(EngineFault.BUSY, "every instance is taken");
    }
    return new Borrowed(instance);
  }

  /** Gives the instance back, unless something went wrong on it. */
  private final class Borrowed implements AutoCloseable {
    private final PolicyInstance instance;
    private boolean sound = true;

    Borrowed(PolicyInstance instance) {
      this.instance = instance;
    }

    String run(Function<PolicyInstance, String> evaluation) throws UnfitDocument {
      // a flag that somebody else raised is kept for him; it must not stop this evaluation
      boolean interrupted = Thread.interrupted();
      sound = false;
      Watchdog.Run run = watchdog.begin();
      boolean inTime = false;
      try {
        String result = evaluation.apply(instance);
        inTime = run.end();
        sound = inTime;
        if (inTime) {
          return result;
        }
        throw new UnfitDocument(EngineFault.OVER_BUDGET, "over its budget");
      } catch (EvaluationFault e) {
        throw new UnfitDocument(
            run.end() ? e.fault() : EngineFault.OVER_BUDGET, "" + e.getMessage());
      } catch (ChicoryException | IndexOutOfBoundsException | StackOverflowError e) {
        throw new UnfitDocument(
            run.end() ? EngineFault.ABORTED : EngineFault.OVER_BUDGET, e.getClass().getName());
      } catch (OutOfMemoryError _) {
        throw new UnfitDocument(
            run.end() ? EngineFault.OUT_OF_MEMORY : EngineFault.OVER_BUDGET, "out of memory");
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }

    @Override
    public void close() {
      if (sound) {
        pool.giveBack(instance);
      } else {
        pool.replace();
      }
    }
  }
}
