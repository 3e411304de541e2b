// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.document;

import dev.obolus.policy.EngineFault;
import dev.obolus.policy.PolicyInput;
import dev.obolus.terms.Obligation;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Input v1 as JSON: written by us alone, absent facts absent, lists sorted where order means
 * nothing.
 *
 * @param tree what {@code json} says, for looking up a reason's arguments
 */
public record InputDocument(String json, JsonNode tree) {
  public static final int MAX_BYTES = 64 * 1024;
  private static final int MAX_TEXT = 4096;

  /**
   * @throws UnfitDocument where a value breaks the schema of input v1
   */
  public static InputDocument of(PolicyInput input) throws UnfitDocument {
    ObjectNode root = StrictJson.MAPPER.createObjectNode().put("v", PolicyInput.VERSION);
    subject(root.putObject("subject"), input.subject());
    actor(root.putObject("actor"), input.actor());
    token(root.putObject("token"), input.token());
    claimed(root.putObject("claimed"), input.claimed());
    action(root.putObject("action"), input.action());
    if (input.resource().isPresent()) {
      put(root.putObject("resource"), "name", input.resource().get().name().value());
    }
    context(root.putObject("context"), input.context());
    String json = StrictJson.write(root);
    if (json.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      throw unfit("larger than " + MAX_BYTES + " bytes");
    }
    return new InputDocument(json, root);
  }

  private static void subject(ObjectNode node, PolicyInput.SubjectFacts subject)
      throws UnfitDocument {
    if (!subject.kind().equals("user") && !subject.kind().equals("app")) {
      throw unfit("subject.kind");
    }
    put(node, "kind", subject.kind());
    put(node, "tenant", subject.tenant());
    put(node, "id", subject.id());
    putSorted(node, "groups", subject.groups());
    node.put("groups_complete", subject.groupsComplete());
    putSorted(node, "roles", subject.roles());
    subject.guest().ifPresent(guest -> node.put("guest", guest));
    putIfKnown(node, "home_tenant", subject.homeTenant());
  }

  private static void actor(ObjectNode node, PolicyInput.ActorFacts actor) throws UnfitDocument {
    put(node, "client", actor.client());
    put(node, "strength", actor.strength());
    node.put("public_client", actor.publicClient());
    putIfKnown(node, "blueprint", actor.blueprint());
  }

  private static void token(ObjectNode node, PolicyInput.TokenFacts token) throws UnfitDocument {
    putIfKnown(node, "id", token.id());
    putSorted(node, "scopes", token.scopes());
    putSorted(node, "acrs", token.acrs());
    putSorted(node, "capabilities", token.capabilities());
  }

  private static void claimed(ObjectNode node, PolicyInput.Claimed claimed) throws UnfitDocument {
    putIfKnown(node, "purpose", claimed.purpose());
    putIfKnown(node, "conversation", claimed.conversation());
    putAll(node, "via", claimed.via());
  }

  private static void action(ObjectNode node, PolicyInput.Action action) throws UnfitDocument {
    if (action.limit() < 1) {
      throw unfit("action.limit");
    }
    put(node, "connector", action.connector());
    put(node, "operation", action.operation());
    put(node, "class", action.actionClass().word());
    put(node, "lane", action.lane().word());
    putSorted(node, "columns", action.columns());
    node.put("limit", action.limit());
    putIfKnown(node, "statement_hash", action.statementHash());
    putSorted(node, "honours", action.honours().stream().map(Obligation.Kind::word).toList());
  }

  private static void context(ObjectNode node, PolicyInput.Context context) throws UnfitDocument {
    put(node, "time", context.time().toString());
    put(node, "environment", context.environment());
    put(node, "trace_id", context.traceId());
    put(node, "client_request_id", context.clientRequestId());
  }

  private static void putIfKnown(ObjectNode node, String name, Optional<String> value)
      throws UnfitDocument {
    if (value.isPresent()) {
      put(node, name, value.get());
    }
  }

  private static void put(ObjectNode node, String name, String value) throws UnfitDocument {
    node.put(name, fit(name, value));
  }

  private static void putSorted(ObjectNode node, String name, Collection<String> values)
      throws UnfitDocument {
    putAll(node, name, values.stream().sorted().toList());
  }

  private static void putAll(ObjectNode node, String name, Collection<String> values)
      throws UnfitDocument {
    ArrayNode array = node.putArray(name);
    for (String value : values) {
      array.add(fit(name, value));
    }
  }

  private static String fit(String name, String value) throws UnfitDocument {
    if (value.isEmpty() || value.length() > MAX_TEXT || !StrictJson.wellFormed(value)) {
      throw unfit(name);
    }
    return value;
  }

  private static UnfitDocument unfit(String what) {
    return new UnfitDocument(EngineFault.UNFIT_INPUT, what);
  }
}
