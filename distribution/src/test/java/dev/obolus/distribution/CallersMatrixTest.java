// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.obolus.sandbox.Sandbox;
import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.Issuers;
import dev.obolus.sandbox.journal.Journal;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Who asks, through which cloud, and what becomes of it: a whole gateway for each cloud, against
 * the stand-in Entra that speaks as that cloud.
 */
class CallersMatrixTest {
  private static final String CAPABLE = "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}";

  private final Clouds clouds = Clouds.shared();
  private final Sandbox sandbox = clouds.sandbox();
  private final SeenTokens source = clouds.source();

  /** Whose tenant it is, seen from the gateway's. */
  enum Who {
    MEMBER("alice", Directory.TENANT),
    GUEST("gina-guest", Directory.TENANT),
    OF_ANOTHER_TENANT("gina", Directory.PARTNER);

    private final String name;
    private final String tenant;

    Who(String name, String tenant) {
      this.name = name;
      this.tenant = tenant;
    }

    Directory.User user() {
      return Directory.user(name).orElseThrow();
    }
  }

  enum Becomes {
    SERVED,
    CONSENT,
    STEP_UP,
    INSTRUCTIONS,
    REFUSED
  }

  record Row(Issuers cloud, Who who, Becomes becomes) {}

  static Stream<Row> rows() {
    return Stream.of(Issuers.values())
        .flatMap(cloud ->
            Stream.of(Who.values())
                .flatMap(who ->
                    Stream.of(Becomes.values()).map(becomes -> new Row(cloud, who, becomes))));
  }

  @AfterEach
  void asBefore() {
    clouds.asBefore();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void whoAsksThroughWhicheverCloud(Row row) throws Exception {
    sandbox.entra().keys().speakAs(row.cloud());
    switch (row.becomes()) {
      case SERVED -> served(row, clouds.ask(row.cloud(), token(row.who(), "")));
      case CONSENT -> {
        var home = Directory.tenant(row.who().tenant).orElseThrow();
        sandbox.entra().standing().consent(home, app("gateway"), app("databricks"), false);
        HttpResponse<String> answer = clouds.ask(row.cloud(), token(row.who(), ""));
        refused(row, answer, 403, "consent_required", 65001);
        assertThat(answer.headers().firstValue("WWW-Authenticate").orElse(""))
            .contains("consentUri=\"" + sandbox.url() + "/" + row.who().tenant + "/");
      }
      case STEP_UP -> steppedUp(row);
      case INSTRUCTIONS -> {
        rule(row, "mfa");
        HttpResponse<String> answer = clouds.ask(row.cloud(), token(row.who(), ""));
        refused(row, answer, 403, "step_up_required", 50076);
        assertThat(answer.headers().firstValue("WWW-Authenticate")).isEmpty();
      }
      case REFUSED -> {
        rule(row, "block");
        refused(row, clouds.ask(row.cloud(), token(row.who(), "")), 403, "identity_denied", 53003);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Issuers.class)
  void aTenantThatIsNotServedIsRefusedWithoutAnExchange(Issuers cloud) throws Exception {
    sandbox.entra().keys().speakAs(cloud);
    int before = clouds.exchanges().size();
    HttpResponse<String> answer = clouds.ask(cloud, sandbox.userToken("frank", "finance-copilot"));
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(Clouds.json(answer).path("fact").asString()).isEqualTo("token_tenant");
    assertThat(clouds.exchanges()).hasSize(before);
    assertThat(source.seen()).isEmpty();
  }

  private void served(Row row, HttpResponse<String> answer) throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(source.seen()).hasSize(1);
    JWTClaimsSet claims = source.seen().getFirst();
    assertThat(claims.getStringClaim("tid")).isEqualTo(row.who().tenant);
    assertThat(claims.getStringClaim("oid")).isEqualTo(row.who().user().objectId());
    assertThat(claims.getAudience()).containsExactly(Directory.DATABRICKS);
    assertThat(claims.getIssuer()).isEqualTo(row.cloud().v2(row.who().tenant));
    assertThat(claims.getClaim("acct"))
        .isEqualTo(row.who() == Who.GUEST ? Long.valueOf(1) : Long.valueOf(0));
  }

  private void refused(Row row, HttpResponse<String> answer, int status, String code, int aadsts) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(Clouds.json(answer).path("code").asString()).isEqualTo(code);
    assertThat(source.seen()).isEmpty();
    Journal.Entry exchange = clouds.exchanges().getLast();
    assertThat(exchange.more())
        .containsEntry("aadsts", String.valueOf(aadsts))
        .containsEntry("user", row.who().user().name())
        .containsEntry("tenant", Directory.tenant(row.who().tenant).orElseThrow().name());
  }

  private void steppedUp(Row row) throws Exception {
    rule(row, "mfa");
    HttpResponse<String> challenge = clouds.ask(row.cloud(), token(row.who(), CAPABLE));
    refused(row, challenge, 401, "step_up_required", 50076);
    String header = challenge.headers().firstValue("WWW-Authenticate").orElse("");
    assertThat(header)
        .contains("error=\"insufficient_claims\"")
        .contains("authorization_uri=\"" + sandbox.url() + "/" + row.who().tenant + "/oauth2/");
    String claims = header.replaceFirst(".*claims=\"([^\"]+)\".*", "$1");
    String asked = new String(Base64.getDecoder().decode(claims), StandardCharsets.UTF_8);
    served(row, clouds.ask(row.cloud(), token(row.who(), asked)));
  }

  private void rule(Row row, String then) {
    var _ =
        sandbox
            .entra()
            .rules()
            .add(
                Map.of(
                    "call",
                    "obo",
                    "user",
                    row.who().user().name(),
                    "resource",
                    "databricks",
                    "then",
                    then));
  }

  private String token(Who who, String claims) {
    return sandbox
        .entra()
        .signedInToken(who.user(), app("finance-copilot"), app("gateway"), claims);
  }

  private static App app(String name) {
    return Directory.app(name).orElseThrow();
  }
}
