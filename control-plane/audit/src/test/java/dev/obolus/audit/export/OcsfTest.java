// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.EventCode;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What OCSF 1.8.0 asks of an API Activity, for each of our events: from {@code base_event}, {@code
 * application/api_activity}, the profile {@code ai_operation} and the objects they use, in
 * github.com/ocsf/ocsf-schema at 1.8.0.
 */
class OcsfTest {
  /** Must be there where what holds it is. */
  private static final Map<String, Set<String>> REQUIRED =
      Map.of(
          "", Set.of("activity_id", "actor", "api", "category_uid", "class_uid", "metadata"),
          " ", Set.of("severity_id", "src_endpoint", "time", "type_uid"),
          "api", Set.of("operation"),
          "api.request", Set.of("uid"),
          "metadata", Set.of("product", "version"));

  /** One of them must be. */
  private static final Map<String, Set<String>> AT_LEAST_ONE =
      Map.of(
          "actor", Set.of("process", "user", "invoked_by", "session", "app_name", "app_uid"),
          "actor.user", Set.of("account", "name", "uid"),
          "api.service", Set.of("name", "uid"),
          "message_context", Set.of("application", "service"),
          "message_context.", Set.of("name", "uid"),
          "message_context.application", Set.of("name", "uid"),
          "message_context.service", Set.of("name", "uid"),
          "metadata.product", Set.of("name", "uid"),
          "resources", Set.of("name", "uid"),
          "src_endpoint", Set.of("ip", "uid", "name", "hostname", "svc_name", "instance_uid"));

  /** Whatever else is there must be one of these. */
  private static final Map<String, Set<String>> KNOWN =
      Map.of(
          "",
          Set.of(
              "activity_name",
              "category_name",
              "class_name",
              "message_context",
              "resources",
              "status_code",
              "status_id",
              "unmapped"),
          "actor",
          Set.of("app_name", "app_uid", "user"),
          "actor.user",
          Set.of("uid"),
          "api",
          Set.of("request", "service"),
          "message_context",
          Set.of("ai_role_id", "application", "service", "uid"),
          "message_context.application",
          Set.of("name", "uid"),
          "metadata",
          Set.of("correlation_uid", "profiles", "tenant_uid", "uid"),
          "metadata.product",
          Set.of("name", "vendor_name"),
          "resources",
          Set.of("name", "type"));

  private static final Map<String, Set<Integer>> ENUMS =
      Map.of(
          "activity_id", Set.of(0, 1, 2, 3, 4, 99),
          "ai_role_id", Set.of(0, 1, 2, 3, 4, 5, 6, 99),
          "severity_id", Set.of(0, 1, 2, 3, 4, 5, 6, 99),
          "status_id", Set.of(0, 1, 2, 99));

  @Test
  void eachEventHasWhatItsClassAndItsProfileRequire() {
    for (EventCode code : EventCode.values()) {
      for (Map<String, String> fields : List.of(Map.<String, String>of(), EVERYTHING)) {
        Map<String, Object> event = Ocsf.event(record(code, fields));
        assertObject(code, "", event);
        assertThat(event)
            .as("%s", code)
            .containsEntry("category_uid", 6)
            .containsEntry("class_uid", 6003)
            .containsEntry("type_uid", 600_300L + (int) get(event, "activity_id"));
        assertThat((String) event.get("activity_name")).as("%s", code).isNotEmpty();
      }
    }
  }

  @Test
  void theProfileIsNamedWhereItsAttributesAreAndNowhereElse() {
    for (EventCode code : EventCode.values()) {
      Map<String, Object> event = Ocsf.event(record(code, EVERYTHING));
      boolean named = get(event, "metadata").toString().contains("profiles=[ai_operation]");
      assertThat(event.containsKey("message_context")).as("%s", code).isEqualTo(named);
      assertThat(named).as("%s", code).isEqualTo(code.event().equals("decided"));
      assertThat(event).as("no model is known here").doesNotContainKey("ai_model");
    }
    Map<String, Object> asked = Ocsf.event(record(EventCode.OBO1001A, EVERYTHING));
    assertThat(asked.get("message_context"))
        .isEqualTo(
            Map.of(
                "uid",
                "conversation-1",
                "ai_role_id",
                4,
                "application",
                Map.of("name", "copilot", "uid", "client-1"),
                "service",
                Map.of("name", "databricks-sales")));
  }

  @Test
  void whoeverIsFrozenIsNotToldAsTheOneWhoFroze() {
    Map<String, Object> frozen = Ocsf.event(record(EventCode.OBO3006A, EVERYTHING));
    assertThat(get(frozen, "actor").toString()).contains("p-omar").doesNotContain("client-1");
    assertThat(frozen.get("src_endpoint")).isEqualTo(Map.of("uid", "-"));
    assertThat(Cef.line(record(EventCode.OBO3006A, EVERYTHING))).doesNotContain("client-1");
  }

  private static void assertObject(EventCode code, String path, Map<String, Object> object) {
    Set<String> there = object.keySet();
    for (String part : List.of(path, path.isEmpty() ? " " : path)) {
      assertThat(there).as("%s %s", code, path).containsAll(REQUIRED.getOrDefault(part, Set.of()));
    }
    for (String part : List.of(path, path + ".")) {
      if (AT_LEAST_ONE.containsKey(part)) {
        assertThat(there).as("%s %s", code, path).containsAnyElementsOf(AT_LEAST_ONE.get(part));
      }
    }
    object.forEach((name, value) -> {
      assertThat(known(path)).as("%s %s", code, path).contains(name);
      if (ENUMS.containsKey(name)) {
        assertThat(ENUMS.get(name)).as("%s %s", code, name).contains((Integer) value);
      }
      assertThat(value).as("%s %s.%s", code, path, name).isNotEqualTo("");
      String below = path.isEmpty() ? name : path + "." + name;
      switch (value) {
        case Map<?, ?> inner when !below.equals("unmapped") ->
            assertObject(code, below, texts(inner));
        case List<?> all when below.equals("resources") ->
            all.forEach(one -> assertObject(code, below, texts((Map<?, ?>) one)));
        default -> {}
      }
    });
  }

  private static Object get(Map<String, Object> event, String name) {
    return Objects.requireNonNull(event.get(name), name);
  }

  private static Set<String> known(String path) {
    Set<String> known = new HashSet<>(KNOWN.getOrDefault(path, Set.of()));
    known.addAll(REQUIRED.getOrDefault(path, Set.of()));
    known.addAll(path.isEmpty() ? REQUIRED.get(" ") : AT_LEAST_ONE.getOrDefault(path, Set.of()));
    return known;
  }

  private static Map<String, Object> texts(Map<?, ?> of) {
    Map<String, Object> texts = new LinkedHashMap<>();
    of.forEach((name, value) -> texts.put(String.valueOf(name), value));
    return texts;
  }

  private static final Map<String, String> EVERYTHING =
      Map.ofEntries(
          Map.entry("client", "client-1"),
          Map.entry("agent", "copilot"),
          Map.entry("connector", "databricks-sales"),
          Map.entry("operation", "query"),
          Map.entry("action_class", "execute"),
          Map.entry("conversation", "conversation-1"),
          Map.entry("trace", "4bf92f3577b34da6a3ce929d0e0e4736"),
          Map.entry("decision_id", "decision-1"),
          Map.entry("action", "audit.verify"),
          Map.entry("source", "p-omar"),
          Map.entry("effect", "allow"));

  private static AuditRecord record(EventCode code, Map<String, String> texts) {
    SequencedMap<String, Field> fields = new LinkedHashMap<>();
    texts.forEach((name, value) -> fields.put(name, new Field.Text(value)));
    if (!texts.isEmpty()) {
      fields.put(
          "resources", new Field.Texts(List.of("main.sales.orders", "main.sales.customers")));
    }
    Bytes digest = Bytes.of(new byte[32]);
    return new AuditRecord(
        ChainId.parse("ab".repeat(16)),
        1,
        "11111111-1111-4111-8111-111111111111",
        1,
        "event-1",
        "key-1",
        code.name(),
        code.event(),
        texts.isEmpty() ? "-" : "p-alice",
        Instant.parse("2026-11-21T14:31:02Z"),
        fields,
        Bytes.of(new byte[0]),
        digest,
        digest,
        digest);
  }
}
