// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.obolus.gateway.ErrorCode;
import dev.obolus.gateway.identity.TokenFault;
import dev.obolus.sandbox.Sandbox;
import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.Issuers;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Every token that is refused, in either version and in each cloud, at a whole gateway's door: by
 * its own fact and sentence, without an exchange.
 */
class RefusedCallersTest {
  private static final Map<String, String> FACTS =
      Map.ofEntries(
          Map.entry("wrong-audience", "token_audience"),
          Map.entry("id-token", "token_is_id_token"),
          Map.entry("application", "app_only"),
          Map.entry("without-scope", "token_scope_missing"),
          Map.entry("consumers-tenant", "token_consumer"),
          Map.entry("other-tenant", "token_tenant"),
          Map.entry("unsigned", "token_algorithm"),
          Map.entry("mac-with-public-key", "token_algorithm"),
          Map.entry("unknown-key", "token_key_unknown"),
          Map.entry("consumers-key", "token_key_issuer"),
          Map.entry("other-key", "token_signature"),
          Map.entry("expired", "token_expired"),
          Map.entry("not-yet-valid", "token_not_yet_valid"),
          Map.entry("tampered", "token_signature"),
          Map.entry("wrong-issuer", "token_issuer"),
          Map.entry("oversize", "token_oversize"));

  private final Clouds clouds = Clouds.shared();
  private final Sandbox sandbox = clouds.sandbox();

  record Row(Issuers cloud, int version, String fault, String fact) {}

  static Stream<Row> rows() {
    return Stream.of(Issuers.values())
        .flatMap(cloud ->
            Stream.of(1, 2)
                .flatMap(version ->
                    FACTS.keySet().stream()
                        .sorted()
                        .map(fault -> new Row(cloud, version, fault, fact(fault, version)))));
  }

  /** Version 1.0's key document does not list the consumers' key. */
  private static String fact(String fault, int version) {
    return fault.equals("consumers-key") && version == 1
        ? "token_key_unknown"
        : FACTS.getOrDefault(fault, "");
  }

  @AfterEach
  void asBefore() {
    clouds.asBefore();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aTokenThatIsNotTakenIsRefusedByItsFactWithoutAnExchange(Row row) throws Exception {
    sandbox.entra().keys().speakAs(row.cloud());
    sandbox.entra().standing().tokenVersion(app("gateway"), row.version());
    HttpResponse<String> good = clouds.ask(row.cloud(), token("alice"));
    assertThat(good.statusCode()).as(good.body()).isEqualTo(200);
    int before = clouds.exchanges().size();
    clouds.source().forget();

    HttpResponse<String> answer = clouds.ask(row.cloud(), refused(row.fault()));
    JsonNode body = Clouds.json(answer);
    boolean authenticated = row.fact().equals("app_only");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(authenticated ? 403 : 401);
    assertThat(body.path(authenticated ? "code" : "fact").asString(answer.body()))
        .isEqualTo(row.fact());
    assertThat(body.path(authenticated ? "title" : "detail").asString())
        .startsWith(sentence(row.fact()));
    assertThat(clouds.exchanges()).hasSize(before);
    assertThat(clouds.source().seen()).isEmpty();
  }

  private static String sentence(String fact) {
    return fact.equals("app_only")
        ? ErrorCode.APP_ONLY.sentence()
        : TokenFault.valueOf(fact.toUpperCase(Locale.ROOT)).sentence();
  }

  private String refused(String fault) throws Exception {
    return switch (fault) {
      case "application" -> sandbox.appToken("nightly-job");
      case "oversize" -> token("alice") + "A".repeat(16 * 1024);
      case "id-token" ->
          sandbox
              .entra()
              .tokens()
              .sign(
                  new JWTClaimsSet.Builder(SignedJWT.parse(token("alice")).getJWTClaimsSet())
                      .claim("scp", null)
                      .claim("azp", null)
                      .claim("appid", null)
                      .build());
      default ->
          sandbox
              .entra()
              .forgeries(SignedJWT.parse(token("alice")).getJWTClaimsSet())
              .named(fault)
              .orElseThrow();
    };
  }

  private String token(String who) {
    return sandbox.userToken(who, "finance-copilot");
  }

  private static App app(String name) {
    return Directory.app(name).orElseThrow();
  }
}
