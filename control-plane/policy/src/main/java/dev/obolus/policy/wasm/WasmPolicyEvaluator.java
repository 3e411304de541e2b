// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import dev.obolus.policy.Decision;
import dev.obolus.policy.EngineFault;
import dev.obolus.policy.PolicyEvaluator;
import dev.obolus.policy.PolicyInput;
import dev.obolus.policy.Revision;
import dev.obolus.policy.Verdict;
import dev.obolus.policy.Visibility;
import dev.obolus.policy.document.Combination;
import dev.obolus.policy.document.Facts;
import dev.obolus.policy.document.InputDocument;
import dev.obolus.policy.document.Judgement;
import dev.obolus.policy.document.UnfitDocument;
import dev.obolus.terms.ResourceName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Evaluates policy inside this JVM, on the subscriber's own thread, without ever waiting.
 *
 * <p>Guarantees: a verdict comes from one revision; a revision is swapped in by one reference,
 * after its warm-up; whatever goes wrong is a denial with an {@code ENG} code.
 */
public final class WasmPolicyEvaluator implements PolicyEvaluator, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WasmPolicyEvaluator.class);
  private static final String NAME = "wasm";
  private static final int MAX_RESOURCES = 64;
  private static final int WALL = 50;

  private final Settings settings;
  private final Watchdog watchdog;
  private final ExecutorService rebuilding =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("policy-instances").factory());
  private final AtomicReference<@Nullable ActivePolicy> active = new AtomicReference<>();

  /**
   * @param instances how many evaluations may run at once
   * @param budget how long one may run, in processor time; on the wall fifty times as long
   * @param warmUps evaluations off the path before a revision serves
   * @param maxPages of 64 KiB each, an instance's memory
   */
  public record Settings(int instances, Duration budget, int warmUps, int maxPages) {
    /** Twice the threads that evaluate: Netty's event loops are 4 at least, whatever the cores. */
    public static final Settings DEFAULT =
        new Settings(
            2 * Math.max(4, Runtime.getRuntime().availableProcessors()),
            Duration.ofMillis(100),
            10_000,
            1024);

    public Settings withBudget(Duration other) {
      return new Settings(instances, other, warmUps, maxPages);
    }

    public Settings withWarmUps(int other) {
      return new Settings(instances, budget, other, maxPages);
    }
  }

  public WasmPolicyEvaluator(Settings settings) {
    this.settings = settings;
    this.watchdog = new Watchdog(settings.budget(), settings.budget().multipliedBy(WALL));
  }

  /**
   * Compiles, loads and warms up. Takes seconds; not for an event loop. Evaluations go on
   * meanwhile, and after, with the revision before.
   *
   * @throws UnloadablePolicy where it could never decide
   */
  public Prepared prepare(CompiledPolicy policy) throws UnloadablePolicy {
    PolicyModule module = PolicyModule.compile(policy, settings.maxPages());
    InstancePool pool = new InstancePool(module, settings.instances(), rebuilding);
    ActivePolicy next = new ActivePolicy(policy, pool, watchdog);
    WarmUp.run(next, settings.warmUps());
    return new Prepared(next);
  }

  /**
   * Prepares and swaps in at once.
   *
   * @throws UnloadablePolicy and the revision before stays active
   */
  public Revision activate(CompiledPolicy policy) throws UnloadablePolicy {
    return prepare(policy).activate();
  }

  /** A revision that is fit to decide, and does not yet. */
  public final class Prepared {
    private final ActivePolicy next;

    private Prepared(ActivePolicy next) {
      this.next = next;
    }

    public Revision revision() {
      return next.revision();
    }

    /** From now on it decides. */
    public Revision activate() {
      active.set(next);
      return next.revision();
    }
  }

  @Override
  public Mono<Verdict> evaluate(List<PolicyInput> inputs) {
    return Mono.fromSupplier(() -> decide(inputs));
  }

  @Override
  public Mono<Visibility> visible(PolicyInput caller) {
    return Mono.fromSupplier(() -> see(caller));
  }

  @Override
  public Revision active() {
    ActivePolicy policy = active.get();
    return policy == null ? Revision.NONE : policy.revision();
  }

  @Override
  public boolean ready() {
    return active.get() != null;
  }

  /** The active revision's facts; none before there is one. */
  public Facts facts() {
    ActivePolicy policy = active.get();
    return policy == null ? Facts.none() : policy.policy().facts();
  }

  /** What is active, so that its rules can be kept while its facts change. */
  public Optional<CompiledPolicy> policy() {
    return Optional.ofNullable(active.get()).map(ActivePolicy::policy);
  }

  @Override
  public void close() {
    active.set(null);
    watchdog.close();
    rebuilding.shutdownNow();
  }

  /** The decision itself, on the calling thread. */
  public Verdict decide(List<PolicyInput> inputs) {
    ActivePolicy policy = active.get();
    if (policy == null) {
      return refused(EngineFault.NO_REVISION, Revision.NONE, List.of());
    }
    List<String> written = new ArrayList<>();
    try {
      List<InputDocument> documents = documents(inputs);
      documents.forEach(document -> written.add(document.json()));
      return verdict(policy, policy.judge(inputs, documents), written);
    } catch (UnfitDocument e) {
      LOG.atWarn()
          .addKeyValue("fault", e.fault().code())
          .addKeyValue("detail", e.getMessage())
          .log("policy could not be evaluated");
      return refused(e.fault(), policy.revision(), written);
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("policy could not be evaluated");
      return refused(EngineFault.ABORTED, policy.revision(), written);
    }
  }

  private Visibility see(PolicyInput caller) {
    ActivePolicy policy = active.get();
    if (policy == null) {
      return new Visibility.Untold(EngineFault.NO_REVISION);
    }
    try {
      return new Visibility.Seen(policy.visible(InputDocument.of(caller)));
    } catch (UnfitDocument e) {
      return unseen(e.fault(), e);
    } catch (RuntimeException e) {
      return unseen(EngineFault.ABORTED, e);
    }
  }

  private static Visibility unseen(EngineFault fault, Exception cause) {
    LOG.atWarn()
        .addKeyValue("fault", fault.code())
        .addKeyValue("detail", cause.getMessage())
        .log("policy could not say what is visible");
    return new Visibility.Untold(fault);
  }

  private static List<InputDocument> documents(List<PolicyInput> inputs) throws UnfitDocument {
    if (inputs.isEmpty() || inputs.size() > MAX_RESOURCES || !oneRequest(inputs)) {
      throw new UnfitDocument(EngineFault.UNFIT_INPUT, "not the inputs of one request");
    }
    List<InputDocument> documents = new ArrayList<>();
    for (PolicyInput input : inputs) {
      documents.add(InputDocument.of(input));
    }
    return documents;
  }

  private static boolean oneRequest(List<PolicyInput> inputs) {
    PolicyInput first = inputs.getFirst();
    return inputs.stream()
        .allMatch(input ->
            input.subject().equals(first.subject())
                && input.actor().equals(first.actor())
                && input.token().equals(first.token())
                && input.claimed().equals(first.claimed())
                && input.context().equals(first.context()));
  }

  private static Verdict verdict(
      ActivePolicy policy, List<Judgement> judgements, List<String> inputs) {
    Decision decision = Combination.of(judgements);
    Map<ResourceName, Verdict.Labels> labels = new HashMap<>();
    judgements.forEach(each -> each.resource().ifPresent(name -> labels.put(name, each.labels())));
    Set<ResourceName> visible =
        judgements.stream()
            .filter(Judgement::visible)
            .flatMap(each -> each.resource().stream())
            .collect(Collectors.toSet());
    Optional<String> agent = judgements.stream().flatMap(each -> each.agent().stream()).findFirst();
    return new Verdict(decision, policy.revision(), NAME, visible, labels, agent, inputs);
  }

  private static Verdict refused(EngineFault fault, Revision revision, List<String> inputs) {
    return new Verdict(
        fault.denial(), revision, NAME, Set.of(), Map.of(), Optional.empty(), inputs);
  }
}
