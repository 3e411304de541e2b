// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Believable records. Their canonical bytes are not the log's, but hash to their leaf. */
public final class Records {
  public static final String TENANT = "0b010500-0000-4000-8000-000000000001";
  public static final String OTHER_TENANT = "0b010500-0000-4000-8000-000000000002";
  public static final ChainId CHAIN = ChainId.parse("4f9d0c31a2b86e57c0ffee0123456789");
  public static final String ALICE = "p-" + "a1".repeat(16);
  public static final String BOB = "p-" + "b0".repeat(16);
  public static final String OLGA = "p-" + "01".repeat(16);

  private final ChainId chain;
  private Instant at;
  private long seq;

  public Records(ChainId chain, Instant start) {
    this.chain = chain;
    this.at = start;
  }

  public static Records starting() {
    return new Records(CHAIN, Instant.parse("2026-11-21T14:31:02.104233Z"));
  }

  public AuditRecord allowed(String decision, String person) {
    return decided(decision, person, "allow", "SALES-001", "main.sales.orders", TENANT);
  }

  public AuditRecord denied(String decision, String person) {
    return decided(decision, person, "deny", "SALES-004", "main.sales.orders", TENANT);
  }

  public AuditRecord decided(
      String decision,
      String person,
      String effect,
      String reason,
      String resource,
      String tenant) {
    var f = new LinkedHashMap<String, Field>();
    f.put("decision_id", new Field.Text(decision));
    if (!person.equals("-")) {
      f.put("person", new Field.Text(person));
      f.put("person_value", committed("person" + decision));
    }
    f.put("client", new Field.Text("0b010500-0000-4000-8000-0000000000b1"));
    f.put("agent", new Field.Text("finance-copilot"));
    f.put("strength", new Field.Text("verified-agent"));
    f.put("via", new Field.Texts(List.of("planner-bot")));
    f.put("lane", new Field.Text("obo"));
    f.put("environment", new Field.Text("demo"));
    f.put("connector", new Field.Text("databricks-sales"));
    f.put("operation", new Field.Text("query"));
    f.put("action_class", new Field.Text("read"));
    f.put("resources", new Field.Texts(List.of(resource)));
    f.put(
        "labels",
        new Field.Json(
            "[{\"name\":\""
                + resource
                + "\",\"labels\":[\"internal\"],\"columns\":[{\"name\":\"id\",\"labels\":[]},"
                + "{\"name\":\"email\",\"labels\":[\"pii\"]},{\"name\":\"amount\",\"labels\":[]}]}]"));
    f.put("purpose", new Field.Text("quarterly-report"));
    f.put("conversation", new Field.Text("c-7f3c"));
    f.put("trace", new Field.Text("4bf92f3577b34da6a3ce929d0e0e4736"));
    f.put("token_id", new Field.Text("uti-a91x"));
    f.put("client_request_id", new Field.Text("6a1e4c1c-8a7e-4d15-9d0c-8f3f5f6f7f80"));
    f.put("effect", new Field.Text(effect));
    f.put("reasons", new Field.Texts(List.of(reason)));
    f.put(
        "reason_details",
        new Field.Json(
            "["
                + (effect.equals("allow")
                    ? "{\"code\":\"ORG-020\",\"layer\":\"org\",\"args\":{}},"
                    : "")
                + "{\"code\":\""
                + reason
                + "\",\"layer\":\"team.sales\",\"args\":{\"table\":\"orders\"}}]"));
    f.put("obligation_kinds", new Field.Texts(List.of("row_filter", "column_mask")));
    f.put("revision", new Field.Text("r-3f9a7c"));
    f.put("evaluator", new Field.Text("wasm"));
    f.put("took_us", new Field.Whole(412));
    f.put("statement", committed("statement" + decision));
    f.put("inputs", committed("inputs" + decision));
    var code =
        switch (effect) {
          case "allow" -> "OBO1001A";
          case "deny" -> "OBO1001D";
          case "step_up" -> "OBO1001S";
          default -> "OBO1001H";
        };
    return seal(tenant, code, "decided", person, f);
  }

  public AuditRecord served(String decision, AuditRecord permit, long rows) {
    var f = conclusion(decision, permit, rows, rows * 78);
    f.put("truncated", new Field.Whole(0));
    f.put("withheld_kinds", new Field.Texts(List.of("rows", "column_mask")));
    return seal(permit.tenant(), "OBO1002A", "served", "-", f);
  }

  public AuditRecord failed(String decision, AuditRecord permit, String code, boolean bySource) {
    var f = conclusion(decision, permit, 0, 0);
    f.put("error_code", new Field.Text(code));
    f.put("by_source", new Field.Whole(bySource ? 1 : 0));
    f.put("source_state", new Field.Text("finished"));
    return seal(permit.tenant(), "OBO1002F", "failed", "-", f);
  }

  public AuditRecord signedIn(String person) {
    var f = new LinkedHashMap<String, Field>();
    f.put("person", new Field.Text(person));
    f.put("client", new Field.Text("0b010500-0000-4000-8000-0000000000a3"));
    f.put("roles", new Field.Texts(List.of("Soc")));
    return seal(TENANT, "OBO3001A", "signed_in", person, f);
  }

  public AuditRecord pruned(String... tenants) {
    var f = new LinkedHashMap<String, Field>();
    f.put("pruned_epoch", new Field.Whole(202601));
    f.put("pruned_tenants", new Field.Texts(List.of(tenants)));
    return seal("-", "OBO3004A", "pruned", "-", f);
  }

  private SequencedMap<String, Field> conclusion(
      String decision, AuditRecord permit, long rows, long bytes) {
    var f = new LinkedHashMap<String, Field>();
    f.put("decision_id", new Field.Text(decision));
    f.put("client_request_id", new Field.Text("6a1e4c1c-8a7e-4d15-9d0c-8f3f5f6f7f80"));
    f.put("took_us", new Field.Whole(38_120));
    f.put("permit_chain", new Field.Text(permit.chain().toString()));
    f.put("permit_seq", new Field.Whole(permit.seq()));
    f.put("rows", new Field.Whole(rows));
    f.put("bytes", new Field.Whole(bytes));
    f.put("entra_correlation_id", new Field.Text("0d9b1fd4-3f2c-4d9f-9a53-6ad0a6b6b6c1"));
    f.put("upstream_ids", new Field.Texts(List.of("01ef-9d2c-stmt")));
    return f;
  }

  private AuditRecord seal(
      String tenant, String code, String event, String person, SequencedMap<String, Field> fields) {
    seq++;
    at = at.plusNanos(137_421_000L * (1 + seq % 5));
    var canonical = (chain + "/" + seq + "/" + fields).getBytes(StandardCharsets.UTF_8);
    var leafInput = new byte[canonical.length + 1];
    System.arraycopy(canonical, 0, leafInput, 1, canonical.length);
    return new AuditRecord(
        chain,
        seq,
        tenant,
        seq,
        "e-" + seq,
        "k-17",
        code,
        event,
        person,
        at,
        fields,
        Bytes.of(canonical),
        Bytes.of(sha256(leafInput)),
        Bytes.of(sha256(("mac" + seq).getBytes(StandardCharsets.UTF_8))),
        seq == 1
            ? Bytes.of(new byte[32])
            : Bytes.of(sha256(("mac" + (seq - 1)).getBytes(StandardCharsets.UTF_8))));
  }

  /** The same record with one byte of its canonical form changed, as by hand in the database. */
  public static AuditRecord tampered(AuditRecord r) {
    var canonical = r.canonical().toArray();
    canonical[canonical.length / 2] ^= 1;
    return new AuditRecord(
        r.chain(),
        r.seq(),
        r.tenant(),
        r.tenantSeq(),
        r.eventId(),
        r.keyId(),
        r.code(),
        r.event(),
        r.person(),
        r.at(),
        r.fields(),
        Bytes.of(canonical),
        r.leaf(),
        r.mac(),
        r.prevMac());
  }

  private static Field committed(String value) {
    return new Field.Committed(Bytes.of(sha256(value.getBytes(StandardCharsets.UTF_8))));
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(bytes), 32);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
