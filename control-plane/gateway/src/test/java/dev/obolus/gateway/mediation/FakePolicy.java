// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.mediation;

import dev.obolus.policy.Decision;
import dev.obolus.policy.PolicyEvaluator;
import dev.obolus.policy.PolicyInput;
import dev.obolus.policy.Reason;
import dev.obolus.policy.Revision;
import dev.obolus.policy.Verdict;
import dev.obolus.policy.Visibility;
import dev.obolus.terms.ResourceName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** Policy as a function: what it says of a request, and which resources the caller may see. */
final class FakePolicy implements PolicyEvaluator {
  static final Revision REVISION = new Revision("ab".repeat(32));

  final List<List<PolicyInput>> asked = new ArrayList<>();
  Function<List<PolicyInput>, Decision> rule = _ -> new Decision.Permit(List.of(), List.of());
  Set<ResourceName> visible = Set.of();
  Visibility seen = new Visibility.Seen(Set.of());
  Optional<Mono<Verdict>> instead = Optional.empty();

  @Override
  public Mono<Verdict> evaluate(List<PolicyInput> inputs) {
    asked.add(inputs);
    return instead.orElseGet(() -> Mono.fromSupplier(() -> verdict(inputs)));
  }

  private Verdict verdict(List<PolicyInput> inputs) {
    var seen = new HashSet<ResourceName>();
    inputs.forEach(input -> input.resource().map(PolicyInput.Resource::name).ifPresent(seen::add));
    seen.retainAll(visible);
    return new Verdict(
        rule.apply(inputs),
        REVISION,
        "fake",
        seen,
        Map.of(new ResourceName("main.sales.orders"), labels()),
        Optional.of("finance-copilot"),
        inputs.stream().map(_ -> "{}").toList());
  }

  private static Verdict.Labels labels() {
    return new Verdict.Labels(Set.of("sales"), Map.of("email", Set.of("pii")));
  }

  static Decision.Deny deny(String code, Reason.About about) {
    return new Decision.Deny(List.of(reason(code, about)));
  }

  static Reason reason(String code, Reason.About about) {
    String layer = code.startsWith("ENG") || code.equals("busy") ? "engine" : "org";
    return new Reason(code, layer, about, "Because of " + code + ".", Map.of());
  }

  @Override
  public Mono<Visibility> visible(PolicyInput caller) {
    asked.add(List.of(caller));
    return Mono.just(seen);
  }

  @Override
  public Revision active() {
    return REVISION;
  }

  @Override
  public boolean ready() {
    return true;
  }
}
