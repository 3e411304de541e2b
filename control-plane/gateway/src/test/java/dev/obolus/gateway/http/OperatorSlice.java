// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.AuditEvent.OperatorActed;
import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.AuditRecord.Field;
import dev.obolus.audit.Bytes;
import dev.obolus.gateway.testing.TestIssuer;
import dev.obolus.gateway.testing.TestLog;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.springframework.http.MediaType;
import org.springframework.test.web.reactive.server.WebTestClient;

/** What two operators do together with the log: one proposes, the other agrees. */
abstract class OperatorSlice extends SliceTest {
  static final String ADA = "0b010500-0000-4000-8000-0000000000c7";
  static final String ROOT = "0b010500-0000-4000-8000-0000000000c8";

  /** The member that agrees to what the first record says. */
  static final String PROPOSAL = ",\"proposal\":{\"chain\":\"" + TestLog.CHAIN + "\",\"seq\":1}";

  /** The claims of somebody who has just signed in to the console. */
  static Map<String, Object> operator(String who, String role) {
    Map<String, Object> claims = TestIssuer.claims(who);
    claims.put("aud", TestIssuer.OPERATOR);
    claims.put("azp", TestIssuer.CONSOLE);
    claims.put("scp", "operate");
    claims.put("auth_time", Instant.now().minusSeconds(60).getEpochSecond());
    claims.put("roles", List.of(role));
    return claims;
  }

  WebTestClient.ResponseSpec send(String path, Map<String, Object> claims, String body) {
    return client()
        .post()
        .uri("/operator/v1/audit/" + path)
        .contentType(MediaType.APPLICATION_JSON)
        .header("Authorization", "Bearer " + ISSUER.sign(claims))
        .bodyValue(body)
        .exchange();
  }

  /** Refused in these words, and on the record as that. */
  void refused(WebTestClient.ResponseSpec answer, int status, String code) {
    answer.expectStatus().isEqualTo(status).expectBody().jsonPath("$.code").isEqualTo(code);
    assertThat(((OperatorActed) log.events().getLast()).result()).isEqualTo("refused");
  }

  OperatorActed onlyRecord() {
    assertThat(log.events()).hasSize(1);
    return (OperatorActed) log.events().getFirst();
  }

  /** The record as the log would show it. */
  void keep(OperatorActed acted, Instant at) {
    SequencedMap<String, Field> fields = new LinkedHashMap<>();
    fields.put("action", new Field.Text(acted.action()));
    fields.put("about", new Field.Text(acted.about()));
    fields.put("result", new Field.Text(acted.result()));
    reader.places.put(
        1L,
        new AuditRecord(
            TestLog.CHAIN,
            1,
            acted.tenant(),
            1,
            "e",
            "k",
            "OBO3005H",
            "approval",
            "p-" + acted.person().objectId(),
            at,
            fields,
            Bytes.of(new byte[0]),
            Bytes.of(new byte[32]),
            Bytes.of(new byte[32]),
            Bytes.of(new byte[32])));
  }
}
