// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.document;

import dev.obolus.policy.EngineFault;
import dev.obolus.policy.PolicyInput;
import dev.obolus.policy.Reason;
import dev.obolus.policy.Verdict;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.ResourceName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Decision v1, read strictly: an unknown member, a missing one, a wrong type, a code outside the
 * catalogue, an argument that is not its caller's, or an obligation about something else than what
 * is judged makes it unfit. {@code decision-v1.schema.json} says the same of the shape.
 */
public final class DecisionDocument {
  public static final int MAX_BYTES = 64 * 1024;
  private static final Set<String> MEMBERS =
      Set.of("v", "effect", "reasons", "obligations", "acrs", "grants", "labels");
  private static final Comparator<Reason> BY_CODE =
      Comparator.comparing(Reason::code).thenComparing(reason -> reason.args().toString());

  private final Catalogue catalogue;
  private final Facts facts;

  public DecisionDocument(Catalogue catalogue, Facts facts) {
    this.catalogue = catalogue;
    this.facts = facts;
  }

  /**
   * @param json the engine's result set, {@code [{"result": …}]}
   * @throws UnfitDocument whose fault says why; the request is then denied
   */
  public Judgement judge(String json, PolicyInput input, InputDocument document)
      throws UnfitDocument {
    JsonNode node = result(json);
    require(StrictJson.hasExactly(node, MEMBERS, Set.of("agent")), "members");
    require(isVersion(node.get("v")), "v");
    Judgement.Effect effect = effect(node.get("effect"));
    Optional<ResourceName> resource = input.resource().map(PolicyInput.Resource::name);
    boolean visible = !strings(node.get("grants")).isEmpty() && allOwners(resource, node);
    List<Reason> reasons = new ArrayList<>(reasons(node.get("reasons"), effect, document));
    List<Obligation> obligations = obligations(node.get("obligations"), input, reasons);
    require(effect == Judgement.Effect.ALLOW || obligations.isEmpty(), "obligations");
    require(effect == Judgement.Effect.ALLOW || !reasons.isEmpty(), "no reasons");
    Set<String> acrs = strings(node.get("acrs"));
    require(effect == Judgement.Effect.STEP_UP != acrs.isEmpty(), "acrs");
    require(effect != Judgement.Effect.ALLOW || visible, "an allow without grants");
    reasons.sort(BY_CODE);
    return new Judgement(
        effect, reasons, obligations, acrs, resource, visible, labels(node), agent(node));
  }

  /** The names in {@code gateway/visible}'s answer. */
  public static Set<ResourceName> visible(String json) throws UnfitDocument {
    JsonNode node = result(json);
    require(StrictJson.hasExactly(node, Set.of("v", "resources"), Set.of()), "members");
    require(isVersion(node.get("v")), "v");
    Set<ResourceName> names = new HashSet<>();
    for (String name : strings(node.get("resources"))) {
      names.add(new ResourceName(name));
    }
    return names;
  }

  private static JsonNode result(String json) throws UnfitDocument {
    JsonNode set = read(json);
    require(set.isArray() && set.size() <= 1, "a result set");
    if (set.isEmpty()) {
      throw new UnfitDocument(EngineFault.UNDEFINED, "undefined");
    }
    require(StrictJson.hasExactly(set.get(0), Set.of("result"), Set.of()), "a result");
    return set.get(0).get("result");
  }

  private static JsonNode read(String json) throws UnfitDocument {
    try {
      return StrictJson.read(json);
    } catch (JacksonException _) {
      throw unfit("not JSON");
    }
  }

  private static boolean isVersion(JsonNode node) {
    return node.isInt() && node.intValue() == 1;
  }

  private static Judgement.Effect effect(JsonNode node) throws UnfitDocument {
    for (Judgement.Effect effect : Judgement.Effect.values()) {
      if (node.isString() && node.stringValue().equals(effect.word())) {
        return effect;
      }
    }
    throw unfit("effect");
  }

  private boolean allOwners(Optional<ResourceName> resource, JsonNode node) throws UnfitDocument {
    Set<String> owners = resource.map(facts::owners).orElse(Set.of());
    return !owners.isEmpty() && strings(node.get("grants")).containsAll(owners);
  }

  private List<Reason> reasons(JsonNode node, Judgement.Effect effect, InputDocument input)
      throws UnfitDocument {
    require(node.isArray(), "reasons");
    List<Reason> reasons = new ArrayList<>();
    for (JsonNode reason : node) {
      require(StrictJson.hasExactly(reason, Set.of("code", "args"), Set.of()), "a reason");
      require(reason.get("code").isString(), "a code");
      String code = reason.get("code").stringValue();
      // what only explains an allow may be left unexplained; what explains a refusal may not
      if (effect != Judgement.Effect.ALLOW || catalogue.knows(code)) {
        reasons.add(catalogue.reason(code, reason.get("args"), input));
      }
    }
    return reasons;
  }

  private List<Obligation> obligations(JsonNode node, PolicyInput input, List<Reason> reasons)
      throws UnfitDocument {
    require(node.isArray(), "obligations");
    ObligationReader reader = new ObligationReader(input, facts);
    List<Obligation> obligations = new ArrayList<>();
    for (JsonNode each : node) {
      require(each.path("rule").isString(), "an obligation's rule");
      Obligation obligation = reader.read(each);
      obligations.add(obligation);
      reasons.add(catalogue.obligation(each.get("rule").stringValue(), obligation.kind().word()));
    }
    return obligations;
  }

  private static Verdict.Labels labels(JsonNode node) throws UnfitDocument {
    JsonNode labels = node.get("labels");
    require(StrictJson.hasExactly(labels, Set.of("resource", "columns"), Set.of()), "labels");
    require(labels.get("columns").isObject(), "labels of columns");
    Map<String, Set<String>> columns = new HashMap<>();
    for (Map.Entry<String, JsonNode> column : labels.get("columns").properties()) {
      columns.put(column.getKey(), strings(column.getValue()));
    }
    return new Verdict.Labels(strings(labels.get("resource")), Map.copyOf(columns));
  }

  private static Optional<String> agent(JsonNode node) throws UnfitDocument {
    require(!node.has("agent") || node.get("agent").isString(), "agent");
    return Optional.ofNullable(node.get("agent")).map(JsonNode::stringValue);
  }

  private static Set<String> strings(JsonNode node) throws UnfitDocument {
    require(node.isArray(), "a list");
    Set<String> strings = new HashSet<>();
    for (JsonNode each : node) {
      require(each.isString() && !each.stringValue().isEmpty(), "a text");
      strings.add(each.stringValue());
    }
    return Set.copyOf(strings);
  }

  private static void require(boolean condition, String what) throws UnfitDocument {
    if (!condition) {
      throw unfit(what);
    }
  }

  private static UnfitDocument unfit(String detail) {
    return new UnfitDocument(EngineFault.UNFIT_RESULT, detail);
  }
}
