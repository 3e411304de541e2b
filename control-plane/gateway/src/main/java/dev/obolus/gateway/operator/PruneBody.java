// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.operator;

import dev.obolus.audit.AuditEvent;
import dev.obolus.audit.Bytes;
import java.time.DateTimeException;
import java.time.YearMonth;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads which records are to leave the log. */
final class PruneBody {
  private static final Pattern TENANT = Pattern.compile("[0-9a-f-]{1,36}");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern PLAIN = Pattern.compile("\\P{Cntrl}*");

  private PruneBody() {}

  /**
   * A month's records.
   *
   * @param tenants whose; empty for those of everybody who is due
   * @param propose whether that is proposed, not only looked at
   * @param proposal the record in which somebody else proposed it
   */
  record Prune(
      YearMonth month,
      Set<String> tenants,
      String reason,
      Optional<AuditEvent.Pruned.Export> export,
      boolean propose,
      Optional<LogVerification.Place> proposal) {}

  static Prune read(Map<String, Object> body) {
    ValuesBody.only(body, Set.of("epoch", "tenants", "reason", "export", "propose", "proposal"));
    boolean asked = Boolean.TRUE.equals(body.get("propose"));
    Optional<LogVerification.Place> proposal =
        Optional.ofNullable(body.get("proposal")).map(ValuesBody::proposal);
    if (asked && proposal.isPresent()) {
      throw ValuesBody.malformed("/propose", "Either it is proposed, or a proposal agreed to.");
    }
    return new Prune(
        month(body.get("epoch")),
        tenants(body.get("tenants")),
        asked || proposal.isPresent() ? plain(body, "reason", "/reason") : "",
        Optional.ofNullable(body.get("export")).map(PruneBody::export),
        asked,
        proposal);
  }

  private static YearMonth month(@Nullable Object given) {
    try {
      if (given instanceof Long epoch && epoch >= 200001 && epoch <= 999912) {
        return YearMonth.of((int) (epoch / 100), (int) (epoch % 100));
      }
    } catch (DateTimeException e) {
      throw ValuesBody.malformed("/epoch", "There is no such month.");
    }
    throw ValuesBody.malformed("/epoch", "A month is needed, as a number: yyyymm.");
  }

  private static Set<String> tenants(@Nullable Object given) {
    Set<String> tenants = new TreeSet<>();
    if (given instanceof Iterable<?> list) {
      for (Object one : list) {
        if (!(one instanceof String tenant)
            || !TENANT.matcher(tenant).matches()
            || tenant.equals("-")) {
          throw ValuesBody.malformed("/tenants", "A member is no tenant's id.");
        }
        tenants.add(tenant);
      }
    } else if (given != null) {
      throw ValuesBody.malformed("/tenants", "The member is not a list.");
    }
    return tenants;
  }

  private static AuditEvent.Pruned.Export export(Object given) {
    if (given instanceof Map<?, ?> export
        && export.keySet().equals(Set.of("location", "sha256"))
        && export.get("sha256") instanceof String sha256
        && SHA256.matcher(sha256).matches()
        && export.get("location") instanceof String location) {
      return new AuditEvent.Pruned.Export(
          plain(Map.of("location", location), "location", "/export/location"), Bytes.ofHex(sha256));
    }
    throw ValuesBody.malformed(
        "/export", "A location and its SHA-256 in lower-case hex are needed.");
  }

  private static String plain(Map<String, Object> body, String name, String pointer) {
    String text = ValuesBody.text(body, name);
    if (!PLAIN.matcher(text).matches()) {
      throw ValuesBody.malformed(pointer, "Control characters are not taken.");
    }
    return text;
  }
}
