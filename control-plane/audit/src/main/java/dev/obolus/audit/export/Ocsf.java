// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.export;

import dev.obolus.audit.AuditRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * OCSF 1.8, class API Activity (6003). Where an application asked for somebody's data, the profile
 * {@code ai_operation} too, with its {@code message_context}; which model was at work is not known
 * here, so {@code ai_model}, which the profile recommends, is absent. {@code unmapped} leads back
 * to the proof.
 */
final class Ocsf {
  private static final int CLASS = 6003;
  private static final int OTHER = 99;
  private static final int AGENT = 4;

  private Ocsf() {}

  static String line(AuditRecord record) {
    return JsonLine.of(event(record));
  }

  static Map<String, Object> event(AuditRecord record) {
    int activity = activity(record);
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("category_uid", 6);
    event.put("category_name", "Application Activity");
    event.put("class_uid", CLASS);
    event.put("class_name", "API Activity");
    event.put("activity_id", activity);
    event.put("activity_name", activityName(record, activity));
    event.put("type_uid", CLASS * 100L + activity);
    event.put("time", record.at().toEpochMilli());
    event.put("severity_id", severity(record));
    event.put("status_id", success(record) ? 1 : 2);
    event.put("status_code", record.code());
    event.put("metadata", metadata(record));
    event.put("actor", actor(record));
    event.put("api", api(record));
    event.put("src_endpoint", Map.of("uid", Fields.client(record).orElse("-")));
    if (asked(record)) {
      event.put("message_context", messageContext(record));
    }
    event.put("resources", resources(record));
    event.put("unmapped", unmapped(record));
    return event;
  }

  private static Map<String, Object> metadata(AuditRecord record) {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("version", "1.8.0");
    metadata.put("product", Map.of("name", "Obolus", "vendor_name", "Obolus"));
    if (asked(record)) {
      metadata.put("profiles", List.of("ai_operation"));
    }
    metadata.put("uid", record.eventId());
    metadata.put("tenant_uid", record.tenant());
    Fields.text(record, "trace").ifPresent(trace -> metadata.put("correlation_uid", trace));
    return metadata;
  }

  private static Map<String, Object> actor(AuditRecord record) {
    Map<String, Object> actor = new LinkedHashMap<>();
    actor.put("user", Map.of("uid", Fields.actor(record)));
    Fields.text(record, "agent").ifPresent(agent -> actor.put("app_name", agent));
    Fields.client(record).ifPresent(client -> actor.put("app_uid", client));
    return actor;
  }

  private static Map<String, Object> api(AuditRecord record) {
    Map<String, Object> api = new LinkedHashMap<>();
    api.put(
        "operation",
        Fields.text(record, "operation")
            .or(() -> Fields.text(record, "action"))
            .orElse(record.event()));
    Fields.text(record, "connector").ifPresent(name -> api.put("service", Map.of("name", name)));
    Fields.text(record, "decision_id").ifPresent(id -> api.put("request", Map.of("uid", id)));
    return api;
  }

  /** A decision: it alone says which application asked which service. */
  private static boolean asked(AuditRecord record) {
    return record.event().equals("decided");
  }

  private static Map<String, Object> messageContext(AuditRecord record) {
    Map<String, Object> application = new LinkedHashMap<>();
    Fields.text(record, "agent").ifPresent(agent -> application.put("name", agent));
    application.put("uid", Fields.client(record).orElse("-"));
    Map<String, Object> context = new LinkedHashMap<>();
    context.put("uid", Fields.text(record, "conversation").orElse(record.eventId()));
    context.put("ai_role_id", Fields.text(record, "agent").isPresent() ? AGENT : 0);
    context.put("application", application);
    Fields.text(record, "connector")
        .ifPresent(name -> context.put("service", Map.of("name", name)));
    return context;
  }

  private static List<Map<String, Object>> resources(AuditRecord record) {
    return Fields.texts(record, "resources").stream()
        .map(name -> Map.<String, Object>of("name", name, "type", "table"))
        .toList();
  }

  private static Map<String, Object> unmapped(AuditRecord record) {
    Map<String, Object> unmapped = new LinkedHashMap<>();
    unmapped.put("chain", record.chain().toString());
    unmapped.put("seq", Long.toString(record.seq()));
    unmapped.put("leaf", record.leaf().hex());
    unmapped.put("event", record.event());
    for (String name :
        new String[] {"effect", "lane", "purpose", "conversation", "revision", "error_code"}) {
      Fields.text(record, name).ifPresent(value -> unmapped.put(name, value));
    }
    unmapped.put("reasons", Fields.texts(record, "reasons"));
    return unmapped;
  }

  private static int activity(AuditRecord record) {
    return switch (Fields.text(record, "action_class").orElse("")) {
      case "read" -> 2;
      case "write" -> 3;
      case "delete" -> 4;
      default -> OTHER;
    };
  }

  /** Of an activity that OCSF has no word for, ours. */
  private static String activityName(AuditRecord record, int activity) {
    return switch (activity) {
      case 2 -> "Read";
      case 3 -> "Update";
      case 4 -> "Delete";
      default -> Fields.text(record, "action_class").orElse(record.event());
    };
  }

  static boolean success(AuditRecord record) {
    return record.code().endsWith("A");
  }

  /** 1 informational, 2 low, 3 medium. */
  static int severity(AuditRecord record) {
    return switch (record.code().charAt(record.code().length() - 1)) {
      case 'D', 'F' -> 3;
      case 'S', 'H' -> 2;
      default -> 1;
    };
  }
}
